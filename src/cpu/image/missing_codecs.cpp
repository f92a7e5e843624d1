// The formats whose library this build does without.
#include "cpu/image/codec.h"

namespace sardonyx {

#if !SDX_HAS_JPEG
Decoded decode_jpeg(Bytes, Picture&) { return Decoded::kUnsupported; }
#endif

#if !SDX_HAS_PNG
Decoded decode_png(Bytes, Picture&) { return Decoded::kUnsupported; }
#endif

}  // namespace sardonyx
