//! Which of the processor's instructions a training uses.

/// Instructions that the processor has; the level is private, so that only the processor's word makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instructions(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Instructions {
    /// All that this processor can take, the slowest first.
    pub(super) fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "other processors have one"))]
        let mut available = vec![Self(Level::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("fma") {
                available.push(Self(Level::Avx2));
                if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
                    available.push(Self(Level::Avx512));
                }
            }
        }
        available
    }

    /// The fastest.
    pub(super) fn fastest() -> Self {
        Self::available().last().copied().unwrap_or(Self(Level::Portable))
    }

    pub(super) fn level(self) -> Level {
        self.0
    }

    /// The name of the instruction set.
    pub(super) fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "AVX-512",
        }
    }
}
