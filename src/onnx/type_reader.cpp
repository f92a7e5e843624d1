#include "onnx/type_reader.h"

#include "onnx/tensor_reader.h"

namespace sardonyx {
namespace {

using namespace proto;

constexpr int kMaxTypeNesting = 16;

Result<DType> element_type(int64_t number) {
  const DType t = dtype_of_number(number);
  if (t == DType::kUndefined && number != 0) return fail(Code::kType, "element type number ", number, " is not known");
  return t;
}

struct ShapedMsg {
  int64_t elem = 0;
  bool has_shape = false;
  View shape;
};
ShapedMsg read_shaped(View m) {
  ShapedMsg s;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case varint(1): s.elem = f.number(); break;
      case blob(2): s.shape = f.view(), s.has_shape = true; break;
      default: f.skip();
    }
  }
  return s;
}

View only_field(View m, uint32_t key) {
  View v;
  for (Fields f(m); f.next();) {
    if (f.key() == key)
      v = f.view();
    else
      f.skip();
  }
  return v;
}

Result<DeclaredType> read_nested(View m, int depth);

Result<DeclaredType> read_tensor_type(View m, Type::Kind kind) {
  const ShapedMsg s = read_shaped(m);
  DeclaredType d;
  d.type.kind = kind;
  SDX_TRY(d.type.elem, element_type(s.elem));
  d.has_rank = s.has_shape;
  for (Fields f(s.shape); f.next();) {
    if (f.key() == blob(1))
      d.dims.push_back(read_dim_msg(f.view()));
    else
      f.skip();
  }
  return d;
}

Result<DeclaredType> read_map_type(View m, int depth) {
  int64_t key = 0;
  View value;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case varint(1): key = f.number(); break;
      case blob(2): value = f.view(); break;
      default: f.skip();
    }
  }
  SDX_TRY(const DType key_type, element_type(key));
  SDX_TRY(DeclaredType inner, read_nested(value, depth + 1));
  DeclaredType d;
  d.type = Type::map(key_type, std::move(inner.type));
  return d;
}

Result<DeclaredType> read_nested(View m, int depth) {
  if (depth > kMaxTypeNesting) return fail(Code::kProto, "a type is nested more than ", kMaxTypeNesting, " deep");
  DeclaredType d;
  View denotation;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): {
        SDX_TRY(d, read_tensor_type(f.view(), Type::Kind::kTensor));
        break;
      }
      case blob(8): {
        SDX_TRY(d, read_tensor_type(f.view(), Type::Kind::kSparse));
        break;
      }
      case blob(4): {
        SDX_TRY(DeclaredType inner, read_nested(only_field(f.view(), blob(1)), depth + 1));
        d = DeclaredType{Type::sequence(std::move(inner.type)), false, {}, {}};
        break;
      }
      case blob(9): {
        SDX_TRY(DeclaredType inner, read_nested(only_field(f.view(), blob(1)), depth + 1));
        d = DeclaredType{Type::optional(std::move(inner.type)), false, {}, {}};
        break;
      }
      case blob(5): {
        SDX_TRY(d, read_map_type(f.view(), depth));
        break;
      }
      case blob(7): {
        f.skip();
        d = DeclaredType{};
        d.type.kind = Type::Kind::kOpaque;
        break;
      }
      case blob(6): denotation = f.view(); break;
      default: f.skip();
    }
  }
  d.denotation = denotation;
  return d;
}

}  // namespace

Result<DeclaredType> read_type(View message) { return read_nested(message, 0); }

bool names_an_extent(View param) {
  if (param.empty() || param == "None" || param == "?") return false;
  const char c = param[0];
  return c != '-' && !(c >= '0' && c <= '9');
}

}  // namespace sardonyx
