// Ways to register custom operators: libraries by path, functions by name; and what goes wrong.
#include <dlfcn.h>

#include <cstdlib>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

std::string library_path() { return program_folder() + "libcustom_library.so"; }

ModelText biased_model() {
  ModelText m;
  m.opset("", 17).opset("library.ops", 1).input("x", 1, {-1}).output("y", 1, {-1});
  m.node("library.ops", "AddBias", {"x"}, {"y"}, {ModelText::of_float("bias", 10)});
  return m;
}

void expect_biased(OrtSession* s) {
  const Value x = tensor<float>({2}, {1, 2});
  const auto out = run(s, {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{11, 12}));
}

TEST(Registration, LibraryThatTheSessionKeepsOpen) {
  Session s;
  {
    const SessionOptions options = make_options();
    ASSERT_EQ(text_of(api().RegisterCustomOpsLibrary_V2(options.get(), library_path().c_str())), "");
    OrtSessionOptions* copy = nullptr;
    ASSERT_EQ(text_of(api().CloneSessionOptions(options.get(), &copy)), "");
    const SessionOptions owner(copy);
    s = open(biased_model().bytes(), copy);
  }
  ASSERT_TRUE(s);
  expect_biased(s.get());
}

TEST(Registration, LibraryThatTheCallerCloses) {
  void* handle = nullptr;
  {
    const SessionOptions options = make_options();
    ASSERT_EQ(text_of(api().RegisterCustomOpsLibrary(options.get(), library_path().c_str(), &handle)), "");
    ASSERT_NE(handle, nullptr);
    const Session s = open(biased_model().bytes(), options.get());
    ASSERT_TRUE(s);
    expect_biased(s.get());
  }
  EXPECT_EQ(dlclose(handle), 0);
}

TEST(Registration, LibraryThatIsNotThere) {
  const SessionOptions options = make_options();
  const std::string v2 = text_of(api().RegisterCustomOpsLibrary_V2(options.get(), "/no/such/library.so"));
  EXPECT_EQ(v2.find("Failed to load library /no/such/library.so with error: "), 0u) << v2;
  void* handle = nullptr;
  EXPECT_EQ(code_of(api().RegisterCustomOpsLibrary(options.get(), "/no/such/library.so", &handle)), ORT_FAIL);
}

TEST(Registration, LibraryWithoutTheFunction) {
  const SessionOptions options = make_options();
  const std::string text = text_of(api().RegisterCustomOpsLibrary_V2(options.get(), "libm.so.6"));
  EXPECT_NE(text.find("RegisterCustomOps"), std::string::npos) << text;
}

TEST(Registration, LibraryThatFails) {
  const SessionOptions options = make_options();
  setenv("CUSTOM_LIBRARY_FAILS", "1", 1);
  const std::string text = text_of(api().RegisterCustomOpsLibrary_V2(options.get(), library_path().c_str()));
  unsetenv("CUSTOM_LIBRARY_FAILS");
  EXPECT_NE(text.find("told to fail"), std::string::npos) << text;
}

TEST(Registration, FunctionOfTheProgram) {
  const SessionOptions options = make_options();
  ASSERT_EQ(text_of(api().RegisterCustomOpsUsingFunction(options.get(), "register_program_ops")), "");
  ModelText m;
  m.opset("", 17).opset("program.ops", 1).input("x", 1, {1}).output("y", 1, {1});
  m.node("program.ops", "Three", {"x"}, {"y"});
  const Session s = open(m.bytes(), options.get());
  ASSERT_TRUE(s);
  const Value x = tensor<float>({1}, {1});
  const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{3}));
  EXPECT_NE(text_of(api().RegisterCustomOpsUsingFunction(options.get(), "no_such_function")), "");
}

TEST(Registration, OperatorsOfExtensionsAreNotBuiltIn) {
  const SessionOptions options = make_options();
  const std::string text = text_of(api().EnableOrtCustomOps(options.get()));
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "EnableOrtCustomOps: Custom operators in onnxruntime-extensions are not enabled");
}

}  // namespace

extern "C" __attribute__((visibility("default"))) OrtStatus* register_program_ops(OrtSessionOptions* options,
                                                                                  const OrtApiBase*) {
  static TestOp op("Three", {{kFloat}}, {{kFloat}}, [](OrtKernelContext* c) -> OrtStatus* {
    *data_of<float>(output(c, 0, {1})) = 3;
    return nullptr;
  });
  static const CustomOpDomain domain = [] {
    OrtCustomOpDomain* made = nullptr;
    EXPECT_EQ(text_of(api().CreateCustomOpDomain("program.ops", &made)), "");
    EXPECT_EQ(text_of(api().CustomOpDomain_Add(made, &op)), "");
    return CustomOpDomain(made);
  }();
  return api().AddCustomOpDomain(options, domain.get());
}

}  // namespace abi_test::ext
