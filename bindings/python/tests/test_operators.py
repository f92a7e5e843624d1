"""The lists of operators and kernels, and the other functions of the C level that tools call."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def schemas(state):
    """The newest description of each operator."""
    newest = {}
    for schema in state.get_all_operator_schema():
        key = schema.domain, schema.name
        if key not in newest or newest[key].since_version < schema.since_version:
            newest[key] = schema
    return newest


def test_schema(schemas, state):
    gemm = schemas["", "Gemm"]
    kinds = state.schemadef.OpSchema
    assert (gemm.since_version, gemm.min_input, gemm.max_input, gemm.min_output, gemm.max_output) == (13, 2, 3, 1, 1)
    assert [p.name for p in gemm.inputs] == ["A", "B", "C"] and [p.typeStr for p in gemm.outputs] == ["T"]
    assert [p.option for p in gemm.inputs] == [kinds.FormalParameterOption.Single] * 2 + [kinds.FormalParameterOption.Optional]
    assert gemm.inputs[0].types == set(gemm.type_constraints[0].allowed_type_strs) and "tensor(float)" in gemm.inputs[0].types
    assert gemm.attributes["alpha"].type == kinds.AttrType.FLOAT and not gemm.attributes["alpha"].required
    assert gemm.support_level == kinds.SupportType.COMMON and not gemm.deprecated


def test_any_number(schemas, state):
    kinds = state.schemadef.OpSchema
    concat, loop = schemas["", "Concat"], schemas["", "Loop"]
    assert kinds.is_infinite(concat.max_input) and not kinds.is_infinite(concat.max_output)
    assert concat.inputs[0].option == kinds.FormalParameterOption.Variadic and concat.inputs[0].isHomogeneous
    assert concat.attributes["axis"].required and concat.attributes["axis"]._default_value == b""
    assert loop.min_input <= 2 and not loop.inputs[2].isHomogeneous and kinds.is_infinite(loop.max_output)
    assert loop.attributes["body"].type == kinds.AttrType.GRAPH


def test_default_values(schemas):
    """They are AttributeProtos."""
    from onnx import AttributeProto, helper

    for domain, op, name, want in (
        ("", "Gemm", "alpha", 1.0),
        ("", "Gemm", "transB", 0),
        ("", "GRU", "direction", b"forward"),
        ("ai.onnx.ml", "LabelEncoder", "default_int64", -1),
    ):
        proto = AttributeProto.FromString(schemas[domain, op].attributes[name]._default_value)
        assert proto.name == name and helper.get_attribute_value(proto) == want


@pytest.mark.ours
def test_schemas_agree_with_onnx(schemas):
    """Every operator whose newest version the onnx package knows too."""
    from onnx import defs

    compared = 0
    for (domain, name), ours in schemas.items():
        try:
            theirs = defs.get_schema(name, domain)
        except defs.SchemaError:
            continue
        if theirs.since_version != ours.since_version or theirs.deprecated:
            continue
        compared += 1
        assert ours.min_output == theirs.min_output, name
        assert ours.min_input == (0 if name == "Loop" else theirs.min_input), name  # whose absent inputs may be left out
        assert [p.name for p in ours.inputs] == [p.name for p in theirs.inputs], name
        assert [p.option.value for p in ours.inputs + ours.outputs] == [
            p.option.value if hasattr(p.option, "value") else int(p.option) for p in [*theirs.inputs, *theirs.outputs]
        ], name
        assert set(ours.attributes) == set(theirs.attributes), name
        for key, attribute in ours.attributes.items():
            assert attribute.required == theirs.attributes[key].required, (name, key)
    assert compared > 190


def test_kernels(state):
    kernels = state.get_all_opkernel_def()
    relu = [k for k in kernels if k.op_name == "Relu" and k.domain == ""]
    assert relu and all(k.provider == "CPUExecutionProvider" for k in relu)
    assert any("tensor(float)" in types for k in relu for types in k.type_constraints.values())
    assert min(k.version_range[0] for k in relu) <= 6 and max(k.version_range[1] for k in relu) == 2**31 - 1
    assert {k.op_name for k in kernels} >= {"Conv", "MatMul", "LSTM", "NonMaxSuppression", "Scaler"}
    assert len(state.get_registered_ep_kernel_defs("CPUExecutionProvider")) == len(kernels)
    with pytest.raises(RuntimeError, match="No devices found for EP 'Nobody'"):
        state.get_registered_ep_kernel_defs("Nobody")
    with pytest.raises(TypeError):
        state.opkernel.KernelDef()


def test_push_back_batch(state):
    device = state.OrtDevice(0, 0, 0, 0)
    a, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([7, 8], np.int64)
    vector = state.OrtValueVector()
    vector.push_back_batch([a, b], [a.ctypes.data, b.ctypes.data], [np.float32, np.int64], [[2, 3], [2]], [device, device])
    assert len(vector) == 2 and vector[0].data_ptr() == a.ctypes.data
    a[0, 0] = 5
    np.testing.assert_array_equal(vector[0].numpy(), a)
    np.testing.assert_array_equal(vector[1].numpy(), b)


@pytest.mark.ours
def test_push_back_batch_keeps_and_checks(state):
    device = state.OrtDevice(0, 0, 0, 0)
    a = np.arange(3, dtype=np.float32)
    vector = state.OrtValueVector()
    vector.push_back_batch([a], [a.ctypes.data], [np.float32], [[3]], [device])
    del a
    assert vector[0].numpy().tolist() == [0, 1, 2]
    for pointers, types, shapes in (
        ([], [np.float32], [[3]]),
        ([0], [np.float32], [[3]]),
        ([64], ["nothing"], [[3]]),
        ([64], [np.str_], [[3]]),
        ([64], [np.float32], [[-3]]),
        ([64], [np.float32], [[2**40, 2**40]]),
    ):
        with pytest.raises((RuntimeError, ValueError, TypeError)):
            vector.push_back_batch([None], pointers, types, shapes, [device])
    assert len(vector) == 1


def test_session_of_the_c_level(ort, state):
    import models

    session = ort.InferenceSession(models.ADD)._sess
    device = state.OrtDevice(0, 0, 0, 0)
    assert session.create_ortvalue_from_shape_and_type([2, 3], np.float32, device).shape() == [2, 3]
    assert session.create_ortvalue_from_shape_and_onnx_type([4], 7, device).data_type() == "tensor(int64)"
    assert session.get_tuning_results() == [] and session.set_tuning_results([], True) is None
    with pytest.raises(RuntimeError, match="Cannot find execution provider x"):
        session.set_tuning_results([{"ep": "x", "validators": {}, "results": {}}], True)
    session.release_captured_graph(0)
    assert not session.is_webgpu_graph_capture_enabled() and session.webgpu_context_id() == -1


def test_incompatibilities(ort, state):
    device = ort.get_ep_devices()[0].device
    details = state.get_hardware_device_ep_incompatibility_details("CPUExecutionProvider", device)
    assert details == {"reasons_bitmask": 0, "notes": None, "error_code": 0}
    with pytest.raises(state.InvalidArgument, match="No valid factory found for execution provider 'Nobody'"):
        state.get_hardware_device_ep_incompatibility_details("Nobody", device)
