# What the command and the tests share: reference data sets and comparison of values.
file(GLOB sdx_common_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/common/*.cpp)
if(sdx_common_sources)
  add_library(sdx_common STATIC ${sdx_common_sources})
  sdx_configure(sdx_common)
  target_include_directories(sdx_common PUBLIC ${PROJECT_SOURCE_DIR}/tools)
  target_link_libraries(sdx_common PUBLIC sardonyx_internal)
endif()

# The sardonyx command.
file(GLOB sdx_tool_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/sardonyx/*.cpp)
if(sdx_tool_sources)
  add_executable(sardonyx ${sdx_tool_sources})
  sdx_configure(sardonyx)
  target_compile_definitions(sardonyx PRIVATE SDX_VERSION="${PROJECT_VERSION}")
  target_include_directories(sardonyx PRIVATE ${PROJECT_SOURCE_DIR}/tools/sardonyx)
  target_link_libraries(sardonyx PRIVATE sdx_common sdx_cli11 sdx_json Sardonyx::jpeg Sardonyx::png)
  target_link_options(sardonyx PRIVATE -Wl,--gc-sections)
endif()
