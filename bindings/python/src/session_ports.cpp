// What a session's model declares.
#include <functional>

#include "session.h"

namespace sardonyx::python {

const Port* Session::port(const std::string& name) const {
  for (const auto& ports : {std::cref(ports_[0]), std::cref(ports_[2]), std::cref(ports_[1])})
    for (const Port& p : ports.get())
      if (p.name == name) return &p;
  return nullptr;
}

void Session::read_ports() {
  struct Access {
    OrtStatus*(ORT_API_CALL* count)(const OrtSession*, size_t*);
    OrtStatus*(ORT_API_CALL* name)(const OrtSession*, size_t, OrtAllocator*, char**);
    OrtStatus*(ORT_API_CALL* type)(const OrtSession*, size_t, OrtTypeInfo**);
  };
  const Access kAccess[] = {
      {g_api->SessionGetInputCount, g_api->SessionGetInputName, g_api->SessionGetInputTypeInfo},
      {g_api->SessionGetOutputCount, g_api->SessionGetOutputName, g_api->SessionGetOutputTypeInfo},
      {g_api->SessionGetOverridableInitializerCount, g_api->SessionGetOverridableInitializerName,
       g_api->SessionGetOverridableInitializerTypeInfo}};
  for (size_t k = 0; k < 3; ++k) {
    size_t count = 0;
    check(kAccess[k].count(session_.get(), &count));
    for (size_t i = 0; i < count; ++i) {
      char* name = nullptr;
      OrtTypeInfo* info = nullptr;
      check(kAccess[k].name(session_.get(), i, default_allocator(), &name));
      check(kAccess[k].type(session_.get(), i, &info));
      const OwnedTypeInfo owner(info);
      ports_[k].push_back(port_of(take_string(name), info));
      metas_[k].append(nb::cast(Port(ports_[k].back())));
    }
  }
  for (const Port& p : ports_[0]) input_names_.push_back(nb::str(p.name.c_str()));
  for (const Port& p : ports_[1]) output_names_.push_back(nb::str(p.name.c_str()));
}

}  // namespace sardonyx::python
