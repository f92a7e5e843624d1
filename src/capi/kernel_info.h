// OrtKernelInfo: what the kernel of a custom operator may know about its node: names, types, attributes, constant
// inputs. Handles share one immutable description, so copies are cheap; constant inputs live as long as the kernel.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "capi/logger.h"
#include "capi/op_attr.h"
#include "capi/type_info.h"
#include "kernel/kernel.h"

namespace sardonyx::capi {

// What the custom operators of one session share.
struct KernelHost {
  OrtLogger logger;
  std::map<std::string, std::string, std::less<>> config;
};

struct NodeFacts {
  struct Port {
    std::string name;
    OrtTypeInfo type;
  };
  std::string node, op, domain;
  int since = 1;
  std::vector<Port> inputs, outputs;
  std::vector<Attr> attrs;
  std::vector<std::unique_ptr<OrtValue>> constants;  // per input; null where not constant
  std::shared_ptr<const KernelHost> host;

  const Attr* find(std::string_view name) const;
};

std::shared_ptr<const NodeFacts> describe_node(const KernelQuery& q, std::shared_ptr<const KernelHost> host);

}  // namespace sardonyx::capi

struct OrtKernelInfo {
  std::shared_ptr<const sardonyx::capi::NodeFacts> facts;
  bool lent = true;  // to a callback; releasing it does nothing
};
