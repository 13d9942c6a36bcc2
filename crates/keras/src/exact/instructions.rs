//! Which of the processor's instructions a training uses.

/// Instructions that the processor has; the level is private, so that only the processor's word makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instructions(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Instructions {
    /// All that this processor can take, the slowest first.
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        use std::arch::is_x86_feature_detected as has;
        #[cfg(target_arch = "x86_64")]
        let has_avx2 = has!("avx2") && has!("fma");
        let levels = [
            (true, Level::Portable),
            #[cfg(target_arch = "x86_64")]
            (has_avx2, Level::Avx2),
            #[cfg(target_arch = "x86_64")]
            (has_avx2 && has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl"), Level::Avx512),
        ];
        levels.into_iter().filter_map(|(has, level)| has.then_some(Self(level)))
    }

    /// The fastest.
    pub(crate) fn fastest() -> Self {
        Self::available().last().unwrap_or(Self(Level::Portable))
    }

    pub(crate) fn level(self) -> Level {
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
