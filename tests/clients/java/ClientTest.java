import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxModelMetadata;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The Java package of ONNX Runtime, unchanged, on the library that onnxruntime.native.path names. */
public final class ClientTest {
  private interface Body {
    void run() throws Exception;
  }

  private static final OrtEnvironment ENV = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "java");
  private static Path models;
  private static int passed;
  private static int failed;

  private static void test(String name, Body body) {
    try {
      body.run();
      ++passed;
    } catch (Throwable e) {
      ++failed;
      System.out.println("FAILED " + name);
      e.printStackTrace(System.out);
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  private static void equal(Object expected, Object actual) {
    check(Arrays.deepEquals(new Object[] {expected}, new Object[] {actual}),
        "expected " + show(expected) + ", got " + show(actual));
  }

  private static String show(Object value) {
    return Arrays.deepToString(new Object[] {value});
  }

  private static void fails(OrtException.OrtErrorCode code, String text, Body body) throws Exception {
    try {
      body.run();
    } catch (OrtException e) {
      check(e.getMessage().contains(text), "message: " + e.getMessage());
      equal(code, e.getCode());
      return;
    }
    throw new AssertionError("no error; expected " + text);
  }

  private static OrtSession open(String name) throws OrtException {
    return open(name, new OrtSession.SessionOptions());
  }

  private static OrtSession open(String name, OrtSession.SessionOptions options) throws OrtException {
    return ENV.createSession(models.resolve(name + ".onnx").toString(), options);
  }

  private static OnnxTensor tensor(Object array) throws OrtException {
    return OnnxTensor.createTensor(ENV, array);
  }

  private static Object output(OrtSession session, Map<String, ? extends OnnxTensorLike> inputs) throws OrtException {
    try (OrtSession.Result result = session.run(inputs)) {
      return result.get(0).getValue();
    }
  }

  private static void load() throws Exception {
    float[][] a = {{1, 2, 3}, {4, 5, 6}};
    try (OrtSession session = open("add"); OnnxTensor x = tensor(a)) {
      equal(Set.of("a", "b"), session.getInputNames());
      equal(new float[][] {{2, 4, 6}, {8, 10, 12}}, output(session, Map.of("a", x, "b", x)));
    }
    byte[] bytes = Files.readAllBytes(models.resolve("add.onnx"));
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    for (OrtSession session : List.of(ENV.createSession(bytes), ENV.createSession(direct))) {
      equal(1L, session.getNumOutputs());
      session.close();
    }
  }

  private static void metadata() throws Exception {
    try (OrtSession session = open("add")) {
      OnnxModelMetadata m = session.getMetadata();
      equal("sardonyx-tests", m.getProducerName());
      equal("addition", m.getGraphName());
      equal("a graph", m.getGraphDescription());
      equal("test.sardonyx", m.getDomain());
      equal("adds", m.getDescription());
      equal(7L, m.getVersion());
      equal(Map.of("author", "us", "note", "grün"), m.getCustomMetadata());
    }
    try (OrtSession session = open("dynamic")) {
      NodeInfo input = session.getInputInfo().get("x");
      TensorInfo info = (TensorInfo) input.getInfo();
      equal(OnnxJavaType.FLOAT, info.type);
      equal(new long[] {-1, 3}, info.getShape());
      equal("batch", info.getDimensionNames()[0]);
    }
    check(OrtEnvironment.getAvailableProviders().contains(OrtProvider.CPU), "the CPU provider");
    check(ENV.getVersion().startsWith("1."), ENV.getVersion());
    String library = Path.of(System.getProperty("onnxruntime.native.path"), "libonnxruntime.so").toRealPath().toString();
    check(Files.lines(Path.of("/proc/self/maps")).anyMatch(line -> line.endsWith(library)), library + " is loaded");
  }

  private static void types() throws Exception {
    Object[][] cases = {{"float32", new float[][] {{1, Float.NaN}}}, {"float64", new double[][] {{1, -2.5}}},
        {"int8", new byte[][] {{1, -128}}}, {"int16", new short[][] {{1, -32768}}}, {"int32", new int[][] {{1, -5}}},
        {"int64", new long[][] {{1, Long.MIN_VALUE}}}, {"bool", new boolean[][] {{true, false}}},
        {"string", new String[][] {{"ünï", ""}}}};
    for (Object[] c : cases) {
      try (OrtSession session = open("identity_" + c[0]); OnnxTensor x = tensor(c[1])) {
        equal(c[1], output(session, Map.of("x", x)));
      }
    }
    for (OnnxJavaType type : List.of(OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16)) {
      ByteBuffer half = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
      half.putShort(type == OnnxJavaType.FLOAT16 ? (short) 0x3c00 : (short) 0x3f80).putShort((short) 0).rewind();
      try (OrtSession session = open(type == OnnxJavaType.FLOAT16 ? "identity_float16" : "identity_bfloat16");
          OnnxTensor x = OnnxTensor.createTensor(ENV, half, new long[] {1, 2}, type)) {
        equal(new float[][] {{1, 0}}, output(session, Map.of("x", x)));
      }
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(2).put((byte) 255).put((byte) 0).flip();
    try (OrtSession session = open("identity_uint8");
        OnnxTensor x = OnnxTensor.createTensor(ENV, bytes, new long[] {1, 2}, OnnxJavaType.UINT8)) {
      equal(new byte[][] {{-1, 0}}, output(session, Map.of("x", x)));
    }
  }

  private static void strings() throws Exception {
    try (OrtSession session = open("strings"); OnnxTensor a = tensor(new String[] {"x", "grün", ""});
        OnnxTensor b = tensor(new String[] {"1", "€", ""})) {
      equal(new String[] {"x1", "grün€", ""}, output(session, Map.of("a", a, "b", b)));
    }
  }

  private static void sequencesAndMaps() throws Exception {
    try (OrtSession session = open("classifier"); OnnxTensor x = tensor(new float[][] {{3, 1}, {1, 2}});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      equal(new String[] {"left", "right"}, result.get("label").get().getValue());
      List<? extends OnnxValue> rows = ((OnnxSequence) result.get("probabilities").get()).getValue();
      equal(2, rows.size());
      equal(Map.of("left", 3f, "right", 1f), new HashMap<>(((OnnxMap) rows.get(0)).getValue()));
      equal(Map.of("left", 1f, "right", 2f), new HashMap<>(((OnnxMap) rows.get(1)).getValue()));
      OnnxValue.close(rows);
    }
    try (OrtSession session = open("sequence"); OnnxTensor a = tensor(new float[] {1}); OnnxTensor b = tensor(new float[] {2, 3});
        OrtSession.Result result = session.run(Map.of("a", a, "b", b))) {
      List<? extends OnnxValue> both = ((OnnxSequence) result.get("both").get()).getValue();
      equal(new float[] {2, 3}, both.get(1).getValue());
      equal(2L, result.get("length").get().getValue());
      OnnxValue.close(both);
    }
  }

  private static void options() throws Exception {
    Path folder = Files.createTempDirectory("client");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions(); OnnxTensor x = tensor(new float[][] {{1, 1, 1}})) {
      options.setIntraOpNumThreads(2);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.PARALLEL);
      options.setMemoryPatternOptimization(false);
      options.setDeterministicCompute(true);
      options.setLoggerId("java");
      options.setSymbolicDimensionValue("batch", 1);
      options.addConfigEntry("session.set_denormal_as_zero", "1");
      options.setOptimizedModelFilePath(folder.resolve("optimised.onnx").toString());
      options.enableProfiling(folder.resolve("trace").toString());
      options.addCPU(true);
      options.setCPUArenaAllocator(true);
      try (OrtSession session = open("dynamic", options); OrtSession.RunOptions run = new OrtSession.RunOptions()) {
        equal(new long[] {1, 3}, ((TensorInfo) session.getInputInfo().get("x").getInfo()).getShape());
        run.setRunTag("a run");
        equal("a run", run.getRunTag());
        run.setLogVerbosityLevel(2);
        equal(2, run.getLogVerbosityLevel());
        run.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
        session.run(Map.of("x", x), run).close();
        run.setTerminate(true);
        fails(OrtException.OrtErrorCode.ORT_FAIL, "terminate", () -> session.run(Map.of("x", x), run));
        run.setTerminate(false);
        session.run(Map.of("x", x), run).close();
        check(session.getProfilingStartTimeInNs() > 0, "the start of profiling");
        check(Files.readString(Path.of(session.endProfiling())).contains("MatMul"), "MatMul in the trace");
      }
    }
    check(Files.size(folder.resolve("optimised.onnx")) > 0, "the optimised model");
  }

  private static void outputsOfTheCaller() throws Exception {
    FloatBuffer buffer = ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder()).asFloatBuffer();
    try (OrtSession session = open("add"); OnnxTensor x = tensor(new float[][] {{1, 2, 3}, {4, 5, 6}});
        OnnxTensor sum = OnnxTensor.createTensor(ENV, buffer, new long[] {2, 3})) {
      session.run(Map.of("a", x, "b", x), Map.of("sum", sum)).close();
      equal(12f, buffer.get(5));
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions(); OnnxTensor scale = tensor(new float[] {2, 3});
        OnnxTensor x = tensor(new float[] {1, 1})) {
      try (OrtSession session = open("overridable", options)) {
        equal(new float[] {10, 100}, output(session, Map.of("x", x)));
      }
    }
  }

  private static void errors() throws Exception {
    fails(OrtException.OrtErrorCode.ORT_NO_SUCHFILE, "File doesn't exist", () -> open("not_there"));
    fails(OrtException.OrtErrorCode.ORT_INVALID_PROTOBUF, "garbage.onnx failed:", () -> open("garbage"));
    fails(OrtException.OrtErrorCode.ORT_INVALID_PROTOBUF, "protobuf parsing failed", () -> ENV.createSession(new byte[] {1, 2}));
    fails(OrtException.OrtErrorCode.ORT_INVALID_GRAPH, "NoSuchOperator", () -> open("unknown_operator"));
    try (OrtSession session = open("add"); OnnxTensor x = tensor(new float[][] {{1, 2, 3}, {4, 5, 6}});
        OnnxTensor wide = tensor(new float[2][4]); OnnxTensor flat = tensor(new float[6]); OnnxTensor ints = tensor(new int[2][3])) {
      OrtException.OrtErrorCode invalid = OrtException.OrtErrorCode.ORT_INVALID_ARGUMENT;
      fails(invalid, "Got invalid dimensions for input: a", () -> session.run(Map.of("a", wide, "b", x)));
      fails(invalid, "Invalid rank for input: a Got: 1 Expected: 2", () -> session.run(Map.of("a", flat, "b", x)));
      fails(invalid, "Unexpected input data type. Actual: (tensor(int32)) , expected: (tensor(float))",
          () -> session.run(Map.of("a", ints, "b", x)));
      equal(12f, ((float[][]) output(session, Map.of("a", x, "b", x)))[1][2]);
    }
    try (OrtSession session = open("reshape"); OnnxTensor x = tensor(new float[6]); OnnxTensor shape = tensor(new long[] {4, 4})) {
      try {
        session.run(Map.of("x", x, "shape", shape));
        throw new AssertionError("no error");
      } catch (OrtException e) {
        check(e.getMessage().contains("reshape_y"), e.getMessage());
      }
    }
  }

  private static void threads() throws Exception {
    try (OrtSession session = open("dynamic")) {
      CompletableFuture<?>[] runs = new CompletableFuture<?>[8];
      for (int i = 0; i < runs.length; ++i) {
        final int rows = i + 1;
        runs[i] = CompletableFuture.runAsync(() -> {
          for (int repeat = 0; repeat < 50; ++repeat) {
            float[][] data = new float[rows][3];
            for (float[] row : data) Arrays.fill(row, rows);
            try (OnnxTensor x = tensor(data)) {
              float[][] y = (float[][]) output(session, Map.of("x", x));
              check(y.length == rows && y[rows - 1][1] == 12f * rows, "the values of a thread");
            } catch (OrtException e) {
              throw new IllegalStateException(e);
            }
          }
        });
      }
      CompletableFuture.allOf(runs).get();
    }
  }

  private static void manySessions() throws Exception {
    try (OnnxTensor x = tensor(new float[][] {{1, 1, 1}})) {
      for (int i = 0; i < 300; ++i) {
        OrtSession session = open("dynamic");
        output(session, Map.of("x", x));
        session.close();
        if (i == 0) {
          try {
            session.run(Map.of("x", x));
            throw new AssertionError("a closed session ran");
          } catch (IllegalStateException expected) {
            check(expected.getMessage().contains("closed"), expected.getMessage());
          }
        }
      }
    }
  }

  public static void main(String[] args) {
    models = Path.of(args[0]);
    test("load", ClientTest::load);
    test("metadata", ClientTest::metadata);
    test("types", ClientTest::types);
    test("strings", ClientTest::strings);
    test("sequences and maps", ClientTest::sequencesAndMaps);
    test("options", ClientTest::options);
    test("outputs of the caller", ClientTest::outputsOfTheCaller);
    test("errors", ClientTest::errors);
    test("threads", ClientTest::threads);
    test("many sessions", ClientTest::manySessions);
    System.out.println(passed + " passed, " + failed + " failed");
    System.exit(failed == 0 ? 0 : 1);
  }
}
