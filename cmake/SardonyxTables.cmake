# The tables of operators and kernels: made once while configuring, and again in a build when a scanned file changes.
set(SDX_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${SDX_GENERATED_DIR})

# What needs a library that this build does without is neither scanned nor compiled.
set(sdx_needs_re2 text/regex_full_match)
set(sdx_needs_utf8proc text/normalizer)
set(sdx_needs_jpeg image/jpeg)
set(sdx_needs_png image/png)
set(sdx_left_out "")
foreach(library IN LISTS SDX_WITHOUT)
  if(sdx_needs_${library})
    list(APPEND sdx_left_out "src/cpu/${sdx_needs_${library}}[.]cpp$")
  endif()
endforeach()
list(JOIN sdx_left_out "|" sdx_left_out)

file(GLOB_RECURSE sdx_scanned CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/ops/*.cpp ${PROJECT_SOURCE_DIR}/src/cpu/*.cpp)
set(sdx_scan ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DOUT_DIR=${SDX_GENERATED_DIR}
             -DOPS_CONFIG=${SDX_OPS_CONFIG} "-DLEFT_OUT=${sdx_left_out}" -P ${PROJECT_SOURCE_DIR}/cmake/scan_ops.cmake)
execute_process(COMMAND ${sdx_scan} RESULT_VARIABLE sdx_scan_failed ERROR_VARIABLE sdx_scan_text)
if(sdx_scan_failed)
  message(FATAL_ERROR "${sdx_scan_text}")
elseif(sdx_scan_text)
  message(WARNING "${sdx_scan_text}")
endif()

add_custom_command(
  OUTPUT ${SDX_GENERATED_DIR}/scan.stamp
  BYPRODUCTS ${SDX_GENERATED_DIR}/op_table.inc ${SDX_GENERATED_DIR}/kernel_table.inc
  COMMAND ${sdx_scan}
  COMMAND ${CMAKE_COMMAND} -E touch ${SDX_GENERATED_DIR}/scan.stamp
  DEPENDS ${sdx_scanned} ${PROJECT_SOURCE_DIR}/cmake/scan_ops.cmake ${SDX_OPS_CONFIG}
  COMMENT "Scanning for operators and kernels"
  VERBATIM)
add_custom_target(sdx_tables DEPENDS ${SDX_GENERATED_DIR}/scan.stamp)
