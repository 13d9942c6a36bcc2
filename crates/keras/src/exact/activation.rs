//! Activations and their gradients.
//!
//! TensorFlow joins a Dense layer's activation to its matrix product, and there oneDNN's own approximations of tanh and
//! the logistic function run. (The ops on their own go through Eigen and give other last bits.)
//!
//! What is unsafe here asks for what [`Lanes`] asks for.

use crate::Activation;

use super::lanes::{LANES, Lanes};

/// The activation of a register, of those that are joined to products.
#[inline(always)]
pub(super) unsafe fn apply_one<L: Lanes>(activation: Activation, x: L) -> L {
    match activation {
        // NaN stays NaN, so that a training that diverges shows it.
        Activation::Relu => L::select(x.at_most(L::splat(0.0)), L::splat(0.0), x),
        Activation::Tanh => tanh(x),
        Activation::Sigmoid => sigmoid(x),
        Activation::Elu => {
            let positive = L::splat(0.0).below(x);
            L::select(positive, x, exp(L::select(positive, L::splat(0.0), x)).sub(L::splat(1.0)))
        }
        // Linear; the others are not joined to products, and a softmax is of whole rows.
        _ => x,
    }
}

/// Takes the gradient `g` by outputs `y` to the gradient by what the activation was applied to.
#[inline(always)]
pub(super) unsafe fn slope<L: Lanes>(activation: Activation, y: L, g: L) -> L {
    let one = L::splat(1.0);
    match activation {
        Activation::Relu => g.mul(L::select(L::splat(0.0).below(y), one, L::splat(0.0))),
        Activation::Tanh => g.mul(one.sub(y.mul(y))),
        Activation::Sigmoid => g.mul(y.mul(one.sub(y))),
        Activation::Elu => L::select(y.below(L::splat(0.0)), y.add(one).mul(g), g),
        _ => g,
    }
}

/// Applies the activation to whole registers that hold `length` values, in place.
#[inline(always)]
pub(super) unsafe fn apply<L: Lanes>(activation: Activation, values: *mut f32, length: usize) {
    if activation == Activation::Linear {
        return;
    }
    for at in (0..length).step_by(LANES) {
        apply_one(activation, L::load(values.add(at))).store(values.add(at));
    }
}

/// Takes the gradient by a layer's `outputs` to the gradient by what the activation was applied to, in place: of rows of
/// `columns` values that begin every `stride`.
///
/// # Safety
/// As [`Lanes`]; both are whole registers.
#[inline(always)]
pub(super) unsafe fn gradient<L: Lanes>(
    activation: Activation,
    outputs: *const f32,
    gradient: *mut f32,
    [rows, columns, stride]: [usize; 3],
) {
    if activation == Activation::Linear {
        return;
    }
    // Whole groups of eight are computed as vectors, the rest as scalars, which matters where products are grouped.
    let (first, count) = (rows * columns / 8 * 8, rows * columns);
    let mut rest = [(0, 0.0); 8];
    if activation == Activation::Sigmoid {
        for i in first..count {
            let at = i / columns * stride + i % columns;
            let y = *outputs.add(at);
            rest[i - first] = (at, *gradient.add(at) * y * (1.0 - y));
        }
    }
    for at in (0..rows * stride).step_by(LANES) {
        let to = gradient.add(at);
        slope(activation, L::load(outputs.add(at)), L::load(to)).store(to);
    }
    if activation == Activation::Sigmoid {
        for (at, value) in &rest[..count - first] {
            *gradient.add(*at) = *value;
        }
    }
}

/// The hyperbolic tangent as oneDNN approximates it.
///
/// Below 4.2e-4 the argument itself, above 9.01 one; between, two polynomials of degree 6 a binade in the distance from
/// the interval's left end.
#[inline(always)]
unsafe fn tanh<L: Lanes>(x: L) -> L {
    const IDENTITY_BELOW: f32 = f32::from_bits(0x39dd_b3d7);
    const ONE_FROM: f32 = f32::from_bits(0x4110_2cb3);
    /// 2⁻¹², where the table begins.
    const FIRST: u32 = 0x3980_0000;
    /// Sign, exponent and the top bit of the fraction.
    const INTERVAL: u32 = 0xffc0_0000;

    let magnitude = x.abs();
    let left = magnitude.and_bits(INTERVAL);
    let distance = magnitude.sub(left);
    let mut y = left.look_up::<22>(FIRST, &TANH[6]);
    let mut degree = 6;
    while degree > 0 {
        degree -= 1;
        y = y.mul_add(distance, left.look_up::<22>(FIRST, &TANH[degree]));
    }
    let y = L::select(L::splat(ONE_FROM).at_most(magnitude), L::splat(1.0), y);
    // What is not a number is not at least anything, and stays what it is.
    L::select(L::splat(IDENTITY_BELOW).at_most(magnitude), y, magnitude).copysign(x)
}

/// The logistic function as oneDNN approximates it: `e / (e + 1)` of a negative argument, else one less that.
#[inline(always)]
unsafe fn sigmoid<L: Lanes>(x: L) -> L {
    let one = L::splat(1.0);
    let e = exp(x.abs().copysign(L::splat(-1.0)));
    let y = e.div(e.add(one));
    L::select(L::splat(0.0).below(x), one.sub(y), y)
}

/// The exponential of an argument of at most 0 as oneDNN approximates it.
///
/// `x = n ln 2 + r`; a polynomial in r, times 2ⁿ⁻¹, times 2. What is subnormal before the last factor becomes 0.
#[inline(always)]
unsafe fn exp<L: Lanes>(x: L) -> L {
    const LN_SMALLEST: f32 = f32::from_bits(0xc2ae_ac50);
    const LOG2_E: f32 = f32::from_bits(0x3fb8_aa3b);
    const MINUS_LN_2: f32 = f32::from_bits(0xbf31_7218);
    const POLYNOMIAL: [u32; 6] = [0x3c07_cfce, 0x3d2b_9d0d, 0x3e2a_ad40, 0x3eff_fee3, 0x3f7f_fffb, 0x3f80_0000];

    let n = x.mul_add(L::splat(LOG2_E), L::splat(0.5)).floor();
    let r = n.mul_add(L::splat(MINUS_LN_2), x);
    let mut y = L::splat(f32::from_bits(POLYNOMIAL[0]));
    for coefficient in &POLYNOMIAL[1..] {
        y = y.mul_add(r, L::splat(f32::from_bits(*coefficient)));
    }
    let half = y.mul(n.half_power_of_two());
    let zero = L::splat(0.0);
    let y = L::select(half.below(L::splat(f32::MIN_POSITIVE)), zero, half.mul(L::splat(2.0)));
    L::select(x.below(L::splat(LN_SMALLEST)), zero, y)
}

/// Coefficients of tanh by degree, then by interval, as float32 bits.
#[rustfmt::skip]
pub(super) const TANH: [[u32; 32]; 7] = [
    [
        0x0000_0000, 0x39bf_ffff, 0x39ff_ffff, 0x3a3f_fffe, 0x3a7f_fffb, 0x3abf_fff7, 0x3aff_ffeb, 0x3b3f_ffdc,
        0x3b7f_ffab, 0x3bbf_ff70, 0x3bff_feab, 0x3c3f_fdc0, 0x3c7f_faab, 0x3cbf_f701, 0x3cff_eaad, 0x3d3f_dc08,
        0x3d7f_aacd, 0x3dbf_7081, 0x3dfe_acc9, 0x3e3d_c7fd, 0x3e7a_cbf5, 0x3eb7_7a9f, 0x3eec_9a9f, 0x3f22_991f,
        0x3f42_f7d6, 0x3f67_b7cc, 0x3f76_ca83, 0x3f7e_bbe9, 0x3f7f_d40c, 0x3f7f_ff32, 0x3f7f_fffc, 0x3f80_0000,
    ],
    [
        0x3f80_0000, 0x3f80_0018, 0x3f7f_ffe8, 0x3f7f_ffda, 0x3f7f_ffdc, 0x3f7f_ffdc, 0x3f7f_ffac, 0x3f7f_ff70,
        0x3f7f_feec, 0x3f7f_fdc0, 0x3f7f_fbed, 0x3f7f_f704, 0x3f7f_eff5, 0x3f7f_dbca, 0x3f7f_bfff, 0x3f7f_7041,
        0x3f7f_009b, 0x3f7d_c36c, 0x3f7c_0aa8, 0x3f77_34b8, 0x3f70_a4de, 0x3f5f_1fd8, 0x3f49_5493, 0x3f18_b9ec,
        0x3ed7_06cb, 0x3e39_0b06, 0x3d90_b11f, 0x3c21_a053, 0x3aaf_7fdb, 0x37cc_c1a3, 0x355c_6733, 0x0000_0000,
    ],
    [
        0x0000_0000, 0xbe4e_0ff1, 0x3d25_b1b1, 0x3d6b_6dab, 0x3c9f_b1d5, 0xbabf_f06f, 0x3c07_b3f6, 0xbb3f_c1bc,
        0x3a9f_5921, 0xbbbf_06f2, 0xbbb0_f402, 0xbc47_db9e, 0xbc73_d5e7, 0xbca2_5bda, 0xbcfc_a780, 0xbd40_e07c,
        0xbd7d_ab03, 0xbdbe_4a0f, 0xbdfb_14a5, 0xbe36_cc8d, 0xbe6b_d102, 0xbe9f_e7c5, 0xbeba_0f10, 0xbec2_06a8,
        0xbea3_c388, 0xbe27_7d62, 0xbd8b_7960, 0xbc20_9f49, 0xbaad_44ca, 0xb7c6_eeac, 0xb663_aa41, 0x0000_0000,
    ],
    [
        0x0000_0000, 0x45b3_ae96, 0xc414_eb20, 0xc450_e02e, 0xc315_2b4e, 0xbead_2f56, 0xc216_2e02, 0xbeb4_bd5a,
        0xc11a_59a4, 0xbed2_f507, 0xc020_d32c, 0x3dd0_f506, 0xbf2a_75e2, 0xbff9_50e3, 0xbed4_7334, 0xbe80_9b8c,
        0xbeb6_4532, 0xbe96_1a5b, 0xbe9b_63ac, 0xbea0_d4b2, 0xbe82_8a77, 0xbe37_8612, 0xbdc2_0908, 0x3d2d_3957,
        0x3dd4_6e89, 0x3db3_f629, 0x3d2c_5e7b, 0x3bd2_0403, 0x3a59_dfae, 0x3770_af45, 0x372c_c014, 0x0000_0000,
    ],
    [
        0x0000_0000, 0xcc98_1a1b, 0x4a7e_dd3d, 0x4ab1_007c, 0x48fe_dd9c, 0x41a5_57b5, 0x477e_e32a, 0x4225_57f5,
        0x45ff_3ce4, 0x42a5_5641, 0x446e_0867, 0xc33d_c19a, 0x4291_5214, 0x43af_4fad, 0x4110_fe88, 0xc109_9b75,
        0x3fc8_a8dc, 0xbfbe_aef5, 0xbe36_5aad, 0x3f4d_9652, 0x3ddf_a08f, 0x3e34_e9b8, 0x3e2d_07a6, 0x3dc6_3567,
        0x3cda_eb78, 0xbcd1_7537, 0xbc92_829c, 0xbb43_ab99, 0xb9b4_71dd, 0xb6ba_ad5a, 0xb78b_afc7, 0x0000_0000,
    ],
    [
        0x0000_0000, 0x52f6_88d5, 0xd050_5c72, 0xd08f_98e3, 0xce50_5cc9, 0xc716_2b8a, 0xcc50_61d6, 0xc716_2bdf,
        0xca50_b37f, 0xc716_2a3a, 0xc842_2086, 0x471a_714e, 0xc5ec_e1f1, 0xc70e_3d90, 0xc3eb_a94a, 0x43e0_c424,
        0xc21f_4552, 0x4221_7cc8, 0x405e_7dc4, 0xc10d_d401, 0x3e96_b602, 0xbd1a_6d2f, 0xbd39_3883, 0xbd67_4682,
        0xbd31_0016, 0xb961_e269, 0x3ba3_2495, 0x3a76_80d5, 0x38b3_173c, 0x35a9_deea, 0x375c_3f2a, 0x0000_0000,
    ],
    [
        0x0000_0000, 0xd899_5ed1, 0x5582_85ea, 0x55b2_cd69, 0x5302_8625, 0x4bc9_991f, 0x5082_898a, 0x4b49_99b3,
        0x4e02_c07c, 0x4ac9_9764, 0x4b72_c822, 0xca40_c0e1, 0x4894_13e4, 0x49b1_2224, 0x4613_4c4e, 0xc60c_2d57,
        0x43c8_3910, 0xc3c8_72d1, 0xc186_bc9e, 0x4232_5bc3, 0xbf2f_fa4a, 0x3d9a_203c, 0xbc54_5a43, 0xbae0_8fee,
        0x3c80_225d, 0x3b1f_d1df, 0xba36_b9d1, 0xb91d_e544, 0xb71f_100f, 0xb408_e2ed, 0xb685_fec8, 0x0000_0000,
    ],
];
