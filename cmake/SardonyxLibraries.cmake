# One object library per folder of src/, all archived in libsardonyx.a; src/capi becomes libonnxruntime.so.1.
set(SDX_FOLDERS base tensor sym parallel simd ir ops kernel cpu onnx pass provider plan exec quant api)

# Third-party headers, only where the layer rule allows them.
set(SDX_USES_simd sdx_highway)
set(SDX_USES_onnx sdx_protozero)
set(SDX_USES_exec sdx_json)
set(SDX_USES_quant sdx_json)
set(SDX_USES_cpu Sardonyx::re2 Sardonyx::utf8proc Sardonyx::jpeg Sardonyx::png)
set(SDX_LIBRARIES Threads::Threads Sardonyx::re2 Sardonyx::utf8proc Sardonyx::jpeg Sardonyx::png ${CMAKE_DL_LIBS})

set(sdx_objects "")
foreach(folder IN LISTS SDX_FOLDERS)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp)
  if(NOT sources)
    continue()
  endif()
  add_library(sdx_${folder} OBJECT ${sources})
  sdx_configure(sdx_${folder})
  target_include_directories(sdx_${folder} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include
                             ${SDX_GENERATED_DIR})
  target_compile_definitions(sdx_${folder} PRIVATE SDX_VERSION="${PROJECT_VERSION}")
  target_link_libraries(sdx_${folder} PRIVATE Threads::Threads ${SDX_USES_${folder}})
  if(folder STREQUAL simd AND SDX_FEW_TARGETS)
    target_compile_definitions(sdx_simd PRIVATE SDX_SIMD_DEV)
  endif()
  if(folder STREQUAL simd AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # At -O2 GCC vectorises only loops of known length; the integer kernels are plain loops over run-time lengths.
    target_compile_options(sdx_simd PRIVATE -fvect-cost-model=dynamic)
  endif()
  add_dependencies(sdx_${folder} sdx_tables)
  list(APPEND sdx_objects $<TARGET_OBJECTS:sdx_${folder}>)
endforeach()

add_library(sardonyx_core STATIC ${sdx_objects})
add_library(Sardonyx::sardonyx ALIAS sardonyx_core)
set_target_properties(sardonyx_core PROPERTIES OUTPUT_NAME sardonyx EXPORT_NAME sardonyx LINKER_LANGUAGE CXX)
target_compile_features(sardonyx_core PUBLIC cxx_std_20)
target_include_directories(sardonyx_core PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:include>)
target_link_libraries(sardonyx_core PRIVATE ${SDX_LIBRARIES})

# For programs of this repository that look inside: tests, benchmarks, the C ABI.
add_library(sardonyx_internal INTERFACE)
target_include_directories(sardonyx_internal INTERFACE ${PROJECT_SOURCE_DIR}/src ${SDX_GENERATED_DIR})
target_link_libraries(sardonyx_internal INTERFACE sardonyx_core)

file(GLOB_RECURSE sdx_capi_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/capi/*.cpp)
if(sdx_capi_sources)
  add_library(onnxruntime SHARED ${sdx_capi_sources})
  sdx_configure(onnxruntime)
  set_target_properties(onnxruntime PROPERTIES SOVERSION 1)
  target_compile_definitions(onnxruntime PRIVATE SDX_VERSION="${PROJECT_VERSION}")
  target_link_libraries(onnxruntime PRIVATE sardonyx_internal)
  target_link_options(onnxruntime PRIVATE -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-z,nodelete)
  if(NOT SDX_SANITIZE)
    target_link_options(onnxruntime PRIVATE -Wl,-z,defs)
  endif()
endif()
