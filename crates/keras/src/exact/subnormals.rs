//! Subnormal numbers as zeros.

/// While it lives, this thread's float32 operations take subnormal operands as zeros and give zeros for subnormal results,
/// as TensorFlow's threads do; on x86-64 only.
///
/// The compiler takes the default for granted. What is computed under it therefore lies in functions that are not inlined.
pub(super) struct SubnormalsAsZeros {
    #[cfg(target_arch = "x86_64")]
    before: u32,
}

#[cfg(target_arch = "x86_64")]
impl SubnormalsAsZeros {
    pub(super) fn new() -> Self {
        /// "Flush to zero" and "denormals are zeros" of the register MXCSR.
        const BOTH: u32 = 1 << 15 | 1 << 6;

        let mut before = 0_u32;
        // SAFETY: stores the register, which every x86-64 has.
        unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut before, options(nostack)) };
        set(before | BOTH);
        Self { before }
    }
}

#[cfg(target_arch = "x86_64")]
impl Drop for SubnormalsAsZeros {
    fn drop(&mut self) {
        set(self.before);
    }
}

#[cfg(target_arch = "x86_64")]
fn set(control: u32) {
    // SAFETY: rounding and exception masks stay as they are.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack)) };
}

#[cfg(not(target_arch = "x86_64"))]
impl SubnormalsAsZeros {
    pub(super) fn new() -> Self {
        Self {}
    }
}
