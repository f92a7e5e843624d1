// The Go package github.com/yalue/onnxruntime_go, unchanged, on the library that CLIENT_LIBRARY names.
package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	ort "github.com/yalue/onnxruntime_go"
)

func TestMain(m *testing.M) {
	ort.SetSharedLibraryPath(os.Getenv("CLIENT_LIBRARY"))
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	if err := ort.DestroyEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func model(name string) string { return filepath.Join(os.Getenv("CLIENT_MODELS"), name+".onnx") }

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func fails(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got error %v, want %q", err, text)
	}
}

func open(t *testing.T, name string, inputs, outputs []string, options *ort.SessionOptions) *ort.DynamicAdvancedSession {
	t.Helper()
	session := must[*ort.DynamicAdvancedSession](t)(ort.NewDynamicAdvancedSession(model(name), inputs, outputs, options))
	t.Cleanup(func() { session.Destroy() })
	return session
}

func tensor[T ort.TensorData](t *testing.T, shape ort.Shape, data ...T) *ort.Tensor[T] {
	t.Helper()
	value := must[*ort.Tensor[T]](t)(ort.NewTensor(shape, data))
	t.Cleanup(func() { value.Destroy() })
	return value
}

func stringTensor(t *testing.T, contents ...string) *ort.StringTensor {
	t.Helper()
	value := must[*ort.StringTensor](t)(ort.NewStringTensor(ort.NewShape(int64(len(contents)))))
	t.Cleanup(func() { value.Destroy() })
	if err := value.SetContents(contents); err != nil {
		t.Fatal(err)
	}
	return value
}

// run gives the outputs, which the library allocates.
func run(t *testing.T, session *ort.DynamicAdvancedSession, count int, inputs ...ort.Value) []ort.Value {
	t.Helper()
	outputs := make([]ort.Value, count)
	if err := session.Run(inputs, outputs); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, output := range outputs {
			output.Destroy()
		}
	})
	return outputs
}

func TestLoadAndRun(t *testing.T) {
	session := open(t, "add", []string{"a", "b"}, []string{"sum"}, nil)
	a := tensor[float32](t, ort.NewShape(2, 3), 1, 2, 3, 4, 5, 6)
	sum := run(t, session, 1, a, a)[0].(*ort.Tensor[float32])
	equal(t, sum.GetData(), []float32{2, 4, 6, 8, 10, 12})
	equal(t, sum.GetShape(), ort.NewShape(2, 3))

	mine := tensor[float32](t, ort.NewShape(2, 3), 0, 0, 0, 0, 0, 0)
	if err := session.Run([]ort.Value{a, a}, []ort.Value{mine}); err != nil {
		t.Fatal(err)
	}
	equal(t, mine.GetData()[5], float32(12))

	bytes := must[[]byte](t)(os.ReadFile(model("add")))
	other := must[*ort.DynamicAdvancedSession](t)(
		ort.NewDynamicAdvancedSessionWithONNXData(bytes, []string{"a", "b"}, []string{"sum"}, nil))
	equal(t, run(t, other, 1, a, a)[0].(*ort.Tensor[float32]).GetData()[0], float32(2))
	if err := other.Destroy(); err != nil {
		t.Error(err)
	}
}

func TestMetadata(t *testing.T) {
	inputs, outputs, err := ort.GetInputOutputInfo(model("dynamic"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, inputs[0].Name, "x")
	equal(t, inputs[0].OrtValueType, ort.ONNXType(ort.ONNXTypeTensor))
	equal(t, inputs[0].Dimensions, ort.NewShape(-1, 3))
	equal(t, inputs[0].DataType.String(), "ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT")
	equal(t, outputs[0].Name, "y")
	_, outputs, err = ort.GetInputOutputInfo(model("classifier"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, outputs[1].OrtValueType, ort.ONNXType(ort.ONNXTypeSequence))

	m := must[*ort.ModelMetadata](t)(ort.GetModelMetadata(model("add")))
	defer m.Destroy()
	equal(t, must[string](t)(m.GetProducerName()), "sardonyx-tests")
	equal(t, must[string](t)(m.GetGraphName()), "addition")
	equal(t, must[string](t)(m.GetDomain()), "test.sardonyx")
	equal(t, must[string](t)(m.GetDescription()), "adds")
	equal(t, must[int64](t)(m.GetVersion()), int64(7))
	equal(t, len(must[[]string](t)(m.GetCustomMetadataMapKeys())), 2)
	note, found, err := m.LookupCustomMetadataMap("note")
	equal(t, []any{note, found, err}, []any{"grün", true, nil})
	_, found, err = m.LookupCustomMetadataMap("nothing")
	equal(t, []any{found, err}, []any{false, nil})
	if !strings.HasPrefix(ort.GetVersion(), "1.") {
		t.Errorf("version %s", ort.GetVersion())
	}
}

func identity[T ort.TensorData](t *testing.T, name string, data ...T) {
	t.Helper()
	session := open(t, "identity_"+name, []string{"x"}, []string{"y"}, nil)
	y := run(t, session, 1, tensor(t, ort.NewShape(1, int64(len(data))), data...))[0].(*ort.Tensor[T])
	equal(t, y.GetData(), data)
}

func TestTypes(t *testing.T) {
	identity[float32](t, "float32", 1, -2.5)
	identity[float64](t, "float64", 1, -2.5)
	identity[int8](t, "int8", 1, -128)
	identity[uint8](t, "uint8", 1, 255)
	identity[int16](t, "int16", 1, -32768)
	identity[uint16](t, "uint16", 1, 65535)
	identity[int32](t, "int32", 1, -5)
	identity[uint32](t, "uint32", 1, 1<<31)
	identity[int64](t, "int64", 1, -1<<63)
	identity[uint64](t, "uint64", 1, 1<<63)
	identity[bool](t, "bool", true, false)
	half := []byte{0, 0x3c, 0, 0xc0}
	const float16 = 10
	x := must[*ort.CustomDataTensor](t)(ort.NewCustomDataTensor(ort.NewShape(1, 2), half, float16))
	defer x.Destroy()
	y := must[*ort.CustomDataTensor](t)(ort.NewCustomDataTensor(ort.NewShape(1, 2), make([]byte, 4), float16))
	defer y.Destroy()
	session := open(t, "identity_float16", []string{"x"}, []string{"y"}, nil)
	if err := session.Run([]ort.Value{x}, []ort.Value{y}); err != nil {
		t.Fatal(err)
	}
	equal(t, y.GetData(), half)
}

func TestStrings(t *testing.T) {
	session := open(t, "strings", []string{"a", "b"}, []string{"joined"}, nil)
	joined := run(t, session, 1, stringTensor(t, "x", "grün", ""), stringTensor(t, "1", "€", ""))[0].(*ort.StringTensor)
	equal(t, must[[]string](t)(joined.GetContents()), []string{"x1", "grün€", ""})
	equal(t, must[string](t)(joined.GetElement(1)), "grün€")
}

func TestSequencesAndMaps(t *testing.T) {
	session := open(t, "classifier", []string{"x"}, []string{"label", "probabilities"}, nil)
	outputs := run(t, session, 2, tensor[float32](t, ort.NewShape(2, 2), 3, 1, 1, 2))
	equal(t, must[[]string](t)(outputs[0].(*ort.StringTensor).GetContents()), []string{"left", "right"})
	rows := must[[]ort.Value](t)(outputs[1].(*ort.Sequence).GetValues())
	equal(t, len(rows), 2)
	keys, values, err := rows[1].(*ort.Map).GetKeysAndValues()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, must[[]string](t)(keys.(*ort.StringTensor).GetContents()), []string{"left", "right"})
	equal(t, values.(*ort.Tensor[float32]).GetData(), []float32{1, 2})

	parts := must[*ort.Sequence](t)(ort.NewSequence([]ort.Value{
		tensor[float32](t, ort.NewShape(1), 1), tensor[float32](t, ort.NewShape(2), 2, 3)}))
	defer parts.Destroy()
	y := run(t, open(t, "sequence_input", []string{"parts"}, []string{"y"}, nil), 1, parts)[0].(*ort.Tensor[float32])
	equal(t, y.GetData(), []float32{1, 2, 3})

	counts := must[*ort.Map](t)(ort.NewMap(stringTensor(t, "blue", "red"), tensor[float32](t, ort.NewShape(2), 3, 1)))
	defer counts.Destroy()
	y = run(t, open(t, "map_input", []string{"counts"}, []string{"y"}, nil), 1, counts)[0].(*ort.Tensor[float32])
	equal(t, y.GetData(), []float32{1, 0, 3})
}

func TestOptions(t *testing.T) {
	options := must[*ort.SessionOptions](t)(ort.NewSessionOptions())
	defer options.Destroy()
	folder := t.TempDir()
	for _, err := range []error{
		options.SetIntraOpNumThreads(2), options.SetInterOpNumThreads(1), options.SetMemPattern(false),
		options.SetCpuMemArena(false), options.SetExecutionMode(ort.ExecutionModeParallel),
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
		options.SetLogSeverityLevel(ort.LoggingLevelFatal), options.EnableProfiling(filepath.Join(folder, "trace")),
		options.SetOptimizedModelFilePath(filepath.Join(folder, "optimised.onnx")),
		options.AddSessionConfigEntry("session.set_denormal_as_zero", "1"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	equal(t, must[string](t)(options.GetSessionConfigEntry("session.set_denormal_as_zero")), "1")
	equal(t, must[bool](t)(options.HasSessionConfigEntry("nothing")), false)
	fails(t, options.AddSessionConfigEntry("", "1"), "Config key is empty or longer than maximum length 1024")

	session := must[*ort.DynamicAdvancedSession](t)(
		ort.NewDynamicAdvancedSession(model("dynamic"), []string{"x"}, []string{"y"}, options))
	x := tensor[float32](t, ort.NewShape(1, 3), 1, 1, 1)
	equal(t, run(t, session, 1, x)[0].(*ort.Tensor[float32]).GetData(), []float32{9, 12})

	runOptions := must[*ort.RunOptions](t)(ort.NewRunOptions())
	defer runOptions.Destroy()
	y := tensor[float32](t, ort.NewShape(1, 2), 0, 0)
	if err := runOptions.Terminate(); err != nil {
		t.Error(err)
	}
	fails(t, session.RunWithOptions([]ort.Value{x}, []ort.Value{y}, runOptions), "terminate")
	if err := runOptions.UnsetTerminate(); err != nil {
		t.Error(err)
	}
	if err := session.RunWithOptions([]ort.Value{x}, []ort.Value{y}, runOptions); err != nil {
		t.Error(err)
	}
	if err := session.Destroy(); err != nil {
		t.Error(err)
	}
	equal(t, len(must[[]string](t)(filepath.Glob(filepath.Join(folder, "trace*.json")))), 1)
	equal(t, len(must[[]string](t)(filepath.Glob(filepath.Join(folder, "optimised.onnx")))), 1)
}

func TestProviders(t *testing.T) {
	options := must[*ort.SessionOptions](t)(ort.NewSessionOptions())
	defer options.Destroy()
	fails(t, options.AppendExecutionProvider("Foo", nil), "Unknown provider name 'Foo'")
	fails(t, options.AppendExecutionProvider("QNN", nil), "QNN execution provider is not supported in this build.")
	cuda := must[*ort.CUDAProviderOptions](t)(ort.NewCUDAProviderOptions())
	defer cuda.Destroy()
	fails(t, cuda.Update(map[string]string{"device_id": "0"}), "")
	fails(t, options.AppendExecutionProviderCUDA(cuda), "")
}

func TestBinding(t *testing.T) {
	session := open(t, "add", []string{"a", "b"}, []string{"sum"}, nil)
	binding := must[*ort.IoBinding](t)(session.CreateIoBinding())
	defer binding.Destroy()
	a := tensor[float32](t, ort.NewShape(2, 3), 1, 2, 3, 4, 5, 6)
	sum := tensor[float32](t, ort.NewShape(2, 3), 0, 0, 0, 0, 0, 0)
	for _, err := range []error{binding.BindInput("a", a), binding.BindInput("b", a), binding.BindOutput("sum", sum),
		session.RunWithBinding(binding)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	equal(t, sum.GetData()[5], float32(12))
	equal(t, must[[]string](t)(binding.GetBoundOutputNames()), []string{"sum"})
	binding.ClearBoundInputs()
	binding.ClearBoundOutputs()
}

func TestErrors(t *testing.T) {
	names := []string{"x"}
	_, err := ort.NewDynamicAdvancedSession(model("not_there"), names, names, nil)
	fails(t, err, "not_there.onnx failed. File doesn't exist")
	_, err = ort.NewDynamicAdvancedSession(model("garbage"), names, names, nil)
	fails(t, err, "garbage.onnx failed:")
	_, err = ort.NewDynamicAdvancedSessionWithONNXData([]byte("garbage"), names, names, nil)
	fails(t, err, "protobuf parsing failed")
	_, err = ort.NewDynamicAdvancedSession(model("unknown_operator"), names, names, nil)
	fails(t, err, "NoSuchOperator")

	session := open(t, "add", []string{"a", "b"}, []string{"sum"}, nil)
	b := tensor[float32](t, ort.NewShape(2, 3), 1, 2, 3, 4, 5, 6)
	for text, a := range map[string]ort.Value{
		"Got invalid dimensions for input: a for the following indices\n index: 1 Got: 4 Expected: 3": tensor(t, ort.NewShape(2, 4), make([]float32, 8)...),
		"Invalid rank for input: a Got: 1 Expected: 2":                                                tensor(t, ort.NewShape(6), make([]float32, 6)...),
		"Unexpected input data type. Actual: (tensor(int32)) , expected: (tensor(float))":             tensor(t, ort.NewShape(2, 3), make([]int32, 6)...),
	} {
		fails(t, session.Run([]ort.Value{a, b}, []ort.Value{nil}), text)
	}
	wrong := open(t, "add", []string{"a", "nope"}, []string{"sum"}, nil)
	fails(t, wrong.Run([]ort.Value{b, b}, []ort.Value{nil}), "Invalid input name: nope")
	wrong = open(t, "add", []string{"a", "b"}, []string{"nope"}, nil)
	fails(t, wrong.Run([]ort.Value{b, b}, []ort.Value{nil}), "Invalid output name: nope")
	reshape := open(t, "reshape", []string{"x", "shape"}, []string{"y"}, nil)
	fails(t, reshape.Run([]ort.Value{tensor(t, ort.NewShape(6), make([]float32, 6)...), tensor[int64](t, ort.NewShape(2), 4, 4)},
		[]ort.Value{nil}), "reshape_y")
	equal(t, run(t, session, 1, b, b)[0].(*ort.Tensor[float32]).GetData()[0], float32(2))
}

func TestThreads(t *testing.T) {
	session := open(t, "dynamic", []string{"x"}, []string{"y"}, nil)
	var group sync.WaitGroup
	for rows := int64(1); rows <= 8; rows++ {
		group.Add(1)
		go func(rows int64) {
			defer group.Done()
			data := make([]float32, rows*3)
			for i := range data {
				data[i] = float32(rows)
			}
			for i := 0; i < 50; i++ {
				x, _ := ort.NewTensor(ort.NewShape(rows, 3), data)
				outputs := []ort.Value{nil}
				if err := session.Run([]ort.Value{x}, outputs); err != nil {
					t.Error(err)
					return
				}
				equal(t, outputs[0].(*ort.Tensor[float32]).GetData()[rows*2-1], float32(12*rows))
				outputs[0].Destroy()
				x.Destroy()
			}
		}(rows)
	}
	group.Wait()
}

func TestManySessions(t *testing.T) {
	x := tensor[float32](t, ort.NewShape(1, 3), 1, 1, 1)
	y := tensor[float32](t, ort.NewShape(1, 2), 0, 0)
	for i := 0; i < 200; i++ {
		session := must[*ort.DynamicAdvancedSession](t)(
			ort.NewDynamicAdvancedSession(model("dynamic"), []string{"x"}, []string{"y"}, nil))
		if err := session.Run([]ort.Value{x}, []ort.Value{y}); err != nil {
			t.Fatal(err)
		}
		if err := session.Destroy(); err != nil {
			t.Fatal(err)
		}
	}
}
