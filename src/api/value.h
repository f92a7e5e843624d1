// The public Value's inside, shared by the files of this folder.
#pragma once
#include "sardonyx/sardonyx.h"
#include "tensor/value.h"

namespace sdx {

struct Value::Impl {
  sardonyx::Value value;
};

inline Value wrap(sardonyx::Value v) { return Value(std::make_shared<Value::Impl>(Value::Impl{std::move(v)})); }
inline const sardonyx::Value& inside(const Value& v) {
  static const sardonyx::Value none{};
  return v.impl() ? v.impl()->value : none;
}
inline Failure failure_of(const sardonyx::Status& s) {
  return {std::string(sardonyx::code_name(s.code())), s.message()};
}

}  // namespace sdx
