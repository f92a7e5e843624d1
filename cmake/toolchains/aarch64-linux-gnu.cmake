# Debian's cross compiler for 64-bit ARM, libraries by multiarch (apt-get install libre2-dev:arm64 …), and qemu to run
# what was built. For another sysroot: -DCMAKE_SYSROOT=…, and QEMU_LD_PREFIX in the environment of the tests.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
find_program(SDX_QEMU NAMES qemu-aarch64 qemu-aarch64-static)
if(SDX_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${SDX_QEMU})
endif()
