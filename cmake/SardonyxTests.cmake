# tests/unit/**_test.cpp is one program; every other folder of tests/ that has a CMakeLists.txt adds its own.
find_package(GTest)
if(NOT GTest_FOUND)
  message(FATAL_ERROR "googletest was not found. On Debian: apt-get install libgtest-dev, or configure with -DSDX_TESTS=OFF")
endif()

file(GLOB_RECURSE sdx_unit_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/*.cpp)
if(sdx_unit_sources)
  add_executable(unit_tests ${sdx_unit_sources})
  sdx_configure(unit_tests)
  set_target_properties(unit_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(unit_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(unit_tests PRIVATE SDX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(unit_tests PRIVATE sdx_common sdx_highway sdx_protozero Sardonyx::png
                        GTest::gtest_main)
  add_test(NAME unit COMMAND unit_tests)
  set_tests_properties(unit PROPERTIES LABELS unit TIMEOUT 300)
endif()

foreach(folder cases passes conformance models abi abi/ext cli robust fuzz clients)
  if(EXISTS ${PROJECT_SOURCE_DIR}/tests/${folder}/CMakeLists.txt)
    add_subdirectory(${PROJECT_SOURCE_DIR}/tests/${folder} ${PROJECT_BINARY_DIR}/tests/${folder})
  endif()
endforeach()

if(TARGET sardonyx)
  add_test(NAME digits_demo COMMAND sardonyx demo ${PROJECT_SOURCE_DIR}/examples/digits)
  set_tests_properties(digits_demo PROPERTIES LABELS models)
endif()

find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  foreach(rule layers simd)
    add_test(NAME ${rule}_rule COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/dev/check_${rule}.py)
    set_tests_properties(${rule}_rule PROPERTIES LABELS style)
  endforeach()
endif()

# The example of the C++ API, as the documentation shows it.
add_executable(example_digits ${PROJECT_SOURCE_DIR}/examples/cpp/digits.cpp)
set_target_properties(example_digits PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
target_link_libraries(example_digits PRIVATE Sardonyx::sardonyx)
add_test(NAME example_digits COMMAND example_digits ${PROJECT_SOURCE_DIR}/examples/digits/digits.onnx)
