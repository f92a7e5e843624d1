# Language, flags, fast tools when present, and sdx_configure(), which gives them to one target of ours.
include(CheckLinkerFlag)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
if(NOT EMSCRIPTEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
if(SDX_CHECKED)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
endif()

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
  set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

  find_program(SDX_CCACHE ccache)
  if(SDX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Paths below the checkout count relative to the build folder, so build/release, the wheel's build folder and other
    # checkouts share what was compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${SDX_CCACHE})
  endif()
  find_program(SDX_MOLD mold)
  if(SDX_MOLD AND NOT CMAKE_CROSSCOMPILING)
    check_linker_flag(CXX -fuse-ld=mold SDX_LINKS_WITH_MOLD)
    if(SDX_LINKS_WITH_MOLD)
      add_link_options(-fuse-ld=mold)
    endif()
  endif()
endif()

# Contraction would let the compiler decide per target where a*b+c rounds once; vector code asks for it by name.
set(SDX_COMPILE_OPTIONS -fno-math-errno -ffp-contract=off -fvisibility=hidden -fvisibility-inlines-hidden
                        -ffunction-sections -fdata-sections -Wall -Wextra)
if(SDX_WERROR)
  list(APPEND SDX_COMPILE_OPTIONS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns falsely: about the ABI of vectors passed between inlined functions, and about -O2 string copies.
  list(APPEND SDX_COMPILE_OPTIONS -Wno-psabi -Wno-restrict)
endif()
if(SDX_SANITIZE)
  add_compile_options(-fsanitize=${SDX_SANITIZE} -fno-omit-frame-pointer)
  string(REPLACE "fuzzer-no-link," "" sdx_link_sanitize "${SDX_SANITIZE}")
  add_link_options(-fsanitize=${sdx_link_sanitize})
  if(SDX_SANITIZE MATCHES "undefined")
    # Weights are read where the file has them, aligned or not.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=alignment)
  endif()
endif()

if(EMSCRIPTEN)
  add_library(Threads::Threads INTERFACE IMPORTED)  # the build is without threads
else()
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
endif()

function(sdx_configure target)
  target_compile_options(${target} PRIVATE ${SDX_COMPILE_OPTIONS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_definitions(${target} PRIVATE SDX_CHECKED=$<BOOL:${SDX_CHECKED}>)
endfunction()
