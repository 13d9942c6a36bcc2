"""Imports torch without the GPU libraries that its wheel links.

setup.py puts empty libraries in their place. With lazy binding their functions are looked up when called,
and a CPU program calls none.
"""

import os
import sys

_flags = sys.getdlopenflags()
sys.setdlopenflags(os.RTLD_LAZY)
import torch  # noqa: E402

sys.setdlopenflags(_flags)
torch.set_num_threads(1)
torch.set_num_interop_threads(1)
