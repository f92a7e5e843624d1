# The libraries that Sardonyx builds on, all from the distribution. Highway, protozero, CLI11 and nlohmann-json are
# headers only. The installed package repeats the sdx_library() part, because a static library needs its own libraries.
macro(sdx_headers name header package)
  find_path(SDX_${name}_INCLUDE ${header})
  if(NOT SDX_${name}_INCLUDE)
    message(FATAL_ERROR "${header} was not found. On Debian: apt-get install ${package} (or ./dev setup for everything)")
  endif()
  add_library(sdx_${name} INTERFACE)
  target_include_directories(sdx_${name} SYSTEM INTERFACE ${SDX_${name}_INCLUDE})
endmacro()

macro(sdx_library name header library package)
  find_path(SDX_${name}_INCLUDE ${header})
  find_library(SDX_${name}_LIBRARY ${library})
  if(NOT SDX_${name}_INCLUDE OR NOT SDX_${name}_LIBRARY)
    message(FATAL_ERROR "${header} or lib${library} was not found. "
                        "On Debian: apt-get install ${package} (or ./dev setup for everything)")
  endif()
  if(NOT TARGET Sardonyx::${name})
    add_library(Sardonyx::${name} UNKNOWN IMPORTED)
    set_target_properties(Sardonyx::${name} PROPERTIES IMPORTED_LOCATION ${SDX_${name}_LIBRARY}
                          INTERFACE_INCLUDE_DIRECTORIES ${SDX_${name}_INCLUDE})
  endif()
endmacro()

sdx_library(re2 re2/re2.h re2 libre2-dev)
sdx_library(utf8proc utf8proc.h utf8proc libutf8proc-dev)
sdx_library(jpeg jpeglib.h jpeg libjpeg-dev)
sdx_library(png png.h png libpng-dev)

if(PROJECT_NAME STREQUAL Sardonyx)
  sdx_headers(highway hwy/highway.h libhwy-dev)
  sdx_headers(protozero protozero/pbf_reader.hpp libprotozero-dev)
  sdx_headers(json nlohmann/json.hpp nlohmann-json3-dev)
  sdx_library(zlib zlib.h z zlib1g-dev)
  if(SDX_TOOLS)
    sdx_headers(cli11 CLI/CLI.hpp libcli11-dev)
  endif()
endif()
