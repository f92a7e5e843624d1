# WebAssembly with 128-bit vectors, one thread, exceptions; programs run under node and see its files. The compiler is
# Debian's emscripten (apt-get install emscripten) or any other that is on the PATH.
find_program(SDX_EM_CONFIG em-config REQUIRED)
execute_process(COMMAND ${SDX_EM_CONFIG} EMSCRIPTEN_ROOT OUTPUT_VARIABLE SDX_EMSCRIPTEN_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)
include(${SDX_EMSCRIPTEN_ROOT}/cmake/Modules/Platform/Emscripten.cmake)

string(APPEND CMAKE_C_FLAGS_INIT " -msimd128")
string(APPEND CMAKE_CXX_FLAGS_INIT " -msimd128 -fexceptions")
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -fexceptions -sNODERAWFS=1 -sEXIT_RUNTIME=1 -sALLOW_MEMORY_GROWTH=1"
       " -sMAXIMUM_MEMORY=4GB -sTOTAL_STACK=4MB")

# Debian's emscripten needs acorn where Debian has it, also when another node is first on the PATH.
if(EXISTS /usr/share/nodejs/acorn)
  set(CMAKE_C_LINKER_LAUNCHER env NODE_PATH=/usr/share/nodejs)
  set(CMAKE_CXX_LINKER_LAUNCHER env NODE_PATH=/usr/share/nodejs)
endif()

# Emscripten before 3.1.11 takes node's fetch() for a browser's.
find_program(SDX_NODE NAMES node nodejs)
set(CMAKE_CROSSCOMPILING_EMULATOR "${SDX_NODE};--no-experimental-fetch")

# The system's header-only libraries serve, but the folder they lie in would hide emscripten's own headers.
if(NOT IN_TRY_COMPILE)
  set(sdx_headers ${CMAKE_BINARY_DIR}/headers)
  file(MAKE_DIRECTORY ${sdx_headers})
  foreach(name hwy protozero nlohmann)
    if(EXISTS /usr/include/${name})
      file(CREATE_LINK /usr/include/${name} ${sdx_headers}/${name} SYMBOLIC)
    endif()
  endforeach()
  foreach(name highway protozero json)
    set(SDX_${name}_INCLUDE ${sdx_headers} CACHE PATH "")
  endforeach()
endif()
