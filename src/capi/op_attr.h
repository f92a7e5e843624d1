// OrtOpAttr: an attribute of a node: made by a caller for CreateOp and CreateNode, or lent by a node.
#pragma once
#include "capi/slots.h"
#include "ir/attr.h"

struct OrtOpAttr {
  sardonyx::Attr attr;
};

namespace sardonyx::capi {

OrtOpAttrType attr_number(AttrType t);

}  // namespace sardonyx::capi
