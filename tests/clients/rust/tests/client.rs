//! The Rust crate `ort`, unchanged, on the library that CLIENT_LIBRARY names.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use ort::environment::Environment;
use ort::error::ErrorCode;
use ort::inputs;
use ort::memory::Allocator;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{OutputSelector, RunOptions, Session};
use ort::value::{DynMap, Map, Sequence, Shape, Tensor, TensorElementType, TensorRef, ValueType};

fn env() -> &'static Environment {
    static ENV: OnceLock<Environment> = OnceLock::new();
    ENV.get_or_init(|| {
        let library = std::env::var("CLIENT_LIBRARY").expect("CLIENT_LIBRARY");
        ort::init_from(library).expect("the library").with_name("rust").build().expect("an environment")
    })
}

fn model(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("CLIENT_MODELS").expect("CLIENT_MODELS")).join(format!("{name}.onnx"))
}

fn builder() -> SessionBuilder {
    Session::builder(env()).expect("session options")
}

fn open(name: &str) -> Session {
    builder().commit_from_file(model(name)).expect(name)
}

fn six() -> Tensor<f32> {
    Tensor::from_array(([2usize, 3], vec![1f32, 2., 3., 4., 5., 6.])).unwrap()
}

fn ones() -> Tensor<f32> {
    Tensor::from_array(([1usize, 3], vec![1f32; 3])).unwrap()
}

#[test]
fn loads_and_runs() {
    let bytes = std::fs::read(model("add")).unwrap();
    for mut session in [open("add"), builder().commit_from_memory(&bytes).unwrap()] {
        let outputs = session.run(inputs!["a" => six(), "b" => six()]).unwrap();
        let (shape, data) = outputs["sum"].try_extract_tensor::<f32>().unwrap();
        assert_eq!(&shape[..], &[2, 3]);
        assert_eq!(data, &[2., 4., 6., 8., 10., 12.]);
    }
    let mut session = open("add");
    let view = [1f32; 6];
    let a = TensorRef::from_array_view(([2usize, 3], &view[..])).unwrap();
    let outputs = session.run(inputs![a, six()]).unwrap();
    assert_eq!(outputs[0].try_extract_tensor::<f32>().unwrap().1[5], 7.);
}

#[test]
fn metadata() {
    let session = open("add");
    let names: Vec<&str> = session.inputs().iter().map(|input| input.name()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(session.outputs()[0].name(), "sum");
    assert_eq!(session.inputs()[0].dtype().tensor_type(), Some(TensorElementType::Float32));
    let metadata = session.metadata().unwrap();
    assert_eq!(metadata.producer().as_deref(), Some("sardonyx-tests"));
    assert_eq!(metadata.name().as_deref(), Some("addition"));
    assert_eq!(metadata.domain().as_deref(), Some("test.sardonyx"));
    assert_eq!(metadata.description().as_deref(), Some("adds"));
    assert_eq!(metadata.graph_description().as_deref(), Some("a graph"));
    assert_eq!(metadata.version(), Some(7));
    assert_eq!(metadata.custom("note").as_deref(), Some("grün"));
    assert_eq!(metadata.custom("nothing"), None);
    let mut keys = metadata.custom_keys().unwrap();
    keys.sort();
    assert_eq!(keys, ["author", "note"]);

    let session = open("dynamic");
    match session.inputs()[0].dtype() {
        ValueType::Tensor { shape, dimension_symbols, .. } => {
            assert_eq!(&shape[..], &[-1, 3]);
            assert_eq!(dimension_symbols[0], "batch");
        }
        other => panic!("{other:?}"),
    }
    let session = open("classifier");
    assert!(session.outputs()[1].dtype().is_sequence());
    assert!(open("map_input").inputs()[0].dtype().is_map());
    let session = open("overridable");
    assert_eq!(session.overridable_initializers()[0].name(), "scale");
}

macro_rules! identity {
    ($type:ty, $name:literal, $values:expr) => {{
        let mut session = open(concat!("identity_", $name));
        let values: Vec<$type> = $values;
        let x = Tensor::from_array(([1usize, values.len()], values.clone())).unwrap();
        let outputs = session.run(inputs![x]).unwrap();
        assert_eq!(outputs[0].try_extract_tensor::<$type>().unwrap().1, &values[..]);
    }};
}

#[test]
fn types() {
    identity!(f32, "float32", vec![1., -2.5]);
    identity!(f64, "float64", vec![1., -2.5]);
    identity!(i8, "int8", vec![1, i8::MIN]);
    identity!(u8, "uint8", vec![1, u8::MAX]);
    identity!(i16, "int16", vec![1, i16::MIN]);
    identity!(u16, "uint16", vec![1, u16::MAX]);
    identity!(i32, "int32", vec![1, i32::MIN]);
    identity!(u32, "uint32", vec![1, u32::MAX]);
    identity!(i64, "int64", vec![1, i64::MIN]);
    identity!(u64, "uint64", vec![1, u64::MAX]);
    identity!(bool, "bool", vec![true, false]);
}

#[test]
fn strings() {
    let strings = |values: [&str; 3]| Tensor::from_string_array(([3usize], &values.map(String::from)[..])).unwrap();
    let mut session = open("strings");
    let outputs = session.run(inputs!["a" => strings(["x", "grün", ""]), "b" => strings(["1", "€", ""])]).unwrap();
    let (shape, joined) = outputs["joined"].try_extract_strings().unwrap();
    assert_eq!(&shape[..], &[3]);
    assert_eq!(joined, ["x1", "grün€", ""]);
}

#[test]
fn sequences_and_maps() {
    let mut session = open("classifier");
    let x = Tensor::from_array(([2usize, 2], vec![3f32, 1., 1., 2.])).unwrap();
    let outputs = session.run(inputs![x]).unwrap();
    assert_eq!(outputs["label"].try_extract_strings().unwrap().1, ["left", "right"]);
    let rows = outputs["probabilities"].try_extract_sequence::<ort::value::DynMapValueType>().unwrap();
    let rows: Vec<HashMap<String, f32>> = rows.iter().map(|row: &DynMap| row.try_extract_map().unwrap()).collect();
    assert_eq!(rows[0], HashMap::from([("left".to_owned(), 3.), ("right".to_owned(), 1.)]));
    assert_eq!(rows[1]["right"], 2.);

    let part = |values: Vec<f32>| Tensor::from_array(([values.len()], values)).unwrap();
    let parts = Sequence::new([part(vec![1.]), part(vec![2., 3.])]).unwrap();
    let mut session = open("sequence_input");
    let outputs = session.run(inputs![parts]).unwrap();
    assert_eq!(outputs[0].try_extract_tensor::<f32>().unwrap().1, &[1., 2., 3.]);

    let counts = Map::<String, f32>::new([("blue".to_owned(), 3.), ("red".to_owned(), 1.)]).unwrap();
    let mut session = open("map_input");
    let outputs = session.run(inputs![counts]).unwrap();
    assert_eq!(outputs[0].try_extract_tensor::<f32>().unwrap().1, &[1., 0., 3.]);
}

#[test]
fn options() {
    let folder = std::env::temp_dir().join(format!("client-rust-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let options = builder()
        .with_optimization_level(GraphOptimizationLevel::Level2).unwrap()
        .with_intra_threads(2).unwrap()
        .with_inter_threads(1).unwrap()
        .with_parallel_execution(true).unwrap()
        .with_memory_pattern(false).unwrap()
        .with_deterministic_compute(true).unwrap()
        .with_flush_to_zero().unwrap()
        .with_intra_op_spinning(false).unwrap()
        .with_dimension_override("batch", 1).unwrap()
        .with_log_id("rust").unwrap()
        .with_optimized_model_path(folder.join("optimised.onnx")).unwrap()
        .with_profiling(folder.join("trace")).unwrap();
    let mut session = options.clone().commit_from_file(model("dynamic")).unwrap();
    assert_eq!(session.inputs()[0].dtype().tensor_shape().unwrap(), &Shape::new([1, 3]));

    let mut run = RunOptions::new().unwrap().with_tag("a run").unwrap();
    assert_eq!(run.tag().unwrap(), "a run");
    run.set("some.key", "value").unwrap();
    assert_eq!(session.run_with_options(inputs![ones()], &run).unwrap()[0].try_extract_tensor::<f32>().unwrap().1, &[9., 12.]);
    run.terminate().unwrap();
    let error = session.run_with_options(inputs![ones()], &run).err().expect("an error");
    assert!(error.message().contains("terminate"), "{error}");
    run.unterminate().unwrap();
    session.run_with_options(inputs![ones()], &run).unwrap();
    assert!(session.profiling_start_ns().unwrap() > 0);
    let trace = session.end_profiling().unwrap();
    assert!(std::fs::read_to_string(trace).unwrap().contains("MatMul"));
    assert!(folder.join("optimised.onnx").exists());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn outputs_that_are_chosen_or_given() {
    let mut session = open("several");
    let x = || Tensor::from_array(([1usize, 2], vec![-1f32, 2.])).unwrap();
    let run = RunOptions::new().unwrap().with_outputs(OutputSelector::no_default().with("shape"));
    let outputs = session.run_with_options(inputs![x()], &run).unwrap();
    assert_eq!(outputs.len(), 1);
    assert_eq!(outputs["shape"].try_extract_tensor::<i64>().unwrap().1, &[1, 2]);
    drop(outputs);
    let target = Tensor::<f32>::new(&Allocator::default(), [1usize, 2]).unwrap();
    let run = RunOptions::new().unwrap().with_outputs(OutputSelector::no_default().with("negated").preallocate("negated", target));
    let outputs = session.run_with_options(inputs![x()], &run).unwrap();
    assert_eq!(outputs["negated"].try_extract_tensor::<f32>().unwrap().1, &[1., -2.]);
}

#[test]
fn binding() {
    let mut session = open("add");
    let mut binding = session.create_binding().unwrap();
    binding.bind_input("a", &six()).unwrap();
    binding.bind_input("b", &six()).unwrap();
    binding.bind_output_to_device("sum", &Allocator::default().memory_info()).unwrap();
    binding.synchronize_inputs().unwrap();
    let outputs = session.run_binding(&binding).unwrap();
    binding.synchronize_outputs().unwrap();
    assert_eq!(outputs["sum"].try_extract_tensor::<f32>().unwrap().1[5], 12.);
}

#[test]
fn initializers_from_outside() {
    let weights = Tensor::from_array(([2usize], vec![5f32, 7.])).unwrap();
    let mut session = open("overridable");
    let x = || Tensor::from_array(([2usize], vec![1f32, 1.])).unwrap();
    assert_eq!(session.run(inputs!["x" => x()]).unwrap()[0].try_extract_tensor::<f32>().unwrap().1, &[10., 100.]);
    let outputs = session.run(inputs!["x" => x(), "scale" => weights]).unwrap();
    assert_eq!(outputs[0].try_extract_tensor::<f32>().unwrap().1, &[5., 7.]);

    let file: std::sync::Arc<[u8]> = [10f32, 20., 30., 40.].iter().flat_map(|v| v.to_le_bytes()).collect();
    let bytes = std::fs::read(model("external")).unwrap();
    let mut session = builder().with_external_initializer_file_in_memory("external.bin", file).unwrap()
        .commit_from_memory(&bytes).unwrap();
    let x = Tensor::from_array(([4usize], vec![1f32, 2., 3., 4.])).unwrap();
    assert_eq!(session.run(inputs![x]).unwrap()[0].try_extract_tensor::<f32>().unwrap().1, &[10., 40., 90., 160.]);
}

#[test]
fn errors() {
    let failure = |name: &str| builder().commit_from_file(model(name)).err().expect(name);
    let missing = failure("not_there");
    assert_eq!(missing.code(), ErrorCode::NoSuchFile);
    assert!(missing.message().contains("not_there.onnx"), "{missing}");
    assert_eq!(failure("garbage").code(), ErrorCode::InvalidProtobuf);
    assert!(failure("unknown_operator").message().contains("NoSuchOperator"));
    let garbage = builder().commit_from_memory(b"garbage").err().unwrap();
    assert!(garbage.message().contains("protobuf parsing failed"), "{garbage}");

    let mut session = open("add");
    let mut fails = |a: ort::value::DynTensor, text: &str| {
        let error = session.run(inputs!["a" => a, "b" => six()]).err().expect(text);
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        assert!(error.message().contains(text), "{error}");
    };
    let floats = |shape: &[i64], count: usize| Tensor::from_array((shape.to_vec(), vec![0f32; count])).unwrap().upcast();
    fails(floats(&[2, 4], 8), "Got invalid dimensions for input: a for the following indices\n index: 1 Got: 4 Expected: 3");
    fails(floats(&[6], 6), "Invalid rank for input: a Got: 1 Expected: 2");
    fails(Tensor::from_array(([2usize, 3], vec![0i32; 6])).unwrap().upcast(),
          "Unexpected input data type. Actual: (tensor(int32)) , expected: (tensor(float))");
    let error = session.run(inputs!["a" => six(), "nope" => six()]).err().unwrap();
    assert!(error.message().contains("nope"), "{error}");
    let mut reshape = open("reshape");
    let shape = Tensor::from_array(([2usize], vec![4i64, 4])).unwrap();
    let x = Tensor::from_array(([6usize], vec![0f32; 6])).unwrap();
    assert!(reshape.run(inputs![x, shape]).err().unwrap().message().contains("reshape_y"));
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn asynchronous_runs() {
    let mut session = builder().with_intra_threads(2).unwrap().commit_from_file(model("dynamic")).unwrap();
    let options = RunOptions::new().unwrap();
    for _ in 0..20 {
        let outputs = block_on(session.run_async(inputs![ones()], &options).unwrap()).unwrap();
        assert_eq!(outputs[0].try_extract_tensor::<f32>().unwrap().1, &[9., 12.]);
    }
    let wrong = Tensor::from_array(([1usize, 4], vec![1f32; 4])).unwrap();
    let error = match session.run_async(inputs![wrong], &options) {
        Ok(run) => block_on(run).err().expect("an error"),
        Err(error) => error,
    };
    assert!(error.message().contains("Got invalid dimensions for input: x"), "{error}");
}

#[test]
fn a_logger_of_ones_own() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let session = builder()
        .with_log_id("mine").unwrap()
        .with_log_level(ort::logging::LogLevel::Verbose).unwrap()
        .with_logger(Arc::new(move |_, _: &str, id: &str, _: &str, message: &str| {
            sink.lock().unwrap().push(format!("{id}: {message}"));
        })).unwrap()
        .commit_from_file(model("dynamic")).unwrap();
    drop(session);
    let lines = lines.lock().unwrap();
    assert!(lines.iter().any(|line| line.starts_with("mine: ")), "{lines:?}");
}

#[test]
fn sessions_in_threads() {
    let threads: Vec<_> = (1..=4usize)
        .map(|rows| {
            thread::spawn(move || {
                for _ in 0..50 {
                    let mut session = open("dynamic");
                    let x = Tensor::from_array(([rows, 3], vec![rows as f32; rows * 3])).unwrap();
                    let outputs = session.run(inputs![x]).unwrap();
                    assert_eq!(outputs[0].try_extract_tensor::<f32>().unwrap().1[rows * 2 - 1], 12. * rows as f32);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
}
