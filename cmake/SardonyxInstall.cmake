# install: the command, both libraries, the headers, and a package for find_package(Sardonyx).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(sdx_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Sardonyx)
install(TARGETS sardonyx_core EXPORT SardonyxTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(target sardonyx onnxruntime)
  if(TARGET ${target})
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
foreach(folder sardonyx onnxruntime)
  if(EXISTS ${PROJECT_SOURCE_DIR}/include/${folder})
    install(DIRECTORY include/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  endif()
endforeach()

configure_package_config_file(cmake/SardonyxConfig.cmake.in ${PROJECT_BINARY_DIR}/package/SardonyxConfig.cmake
                              INSTALL_DESTINATION ${sdx_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/SardonyxConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(EXPORT SardonyxTargets NAMESPACE Sardonyx:: DESTINATION ${sdx_package_dir})
install(FILES ${PROJECT_BINARY_DIR}/package/SardonyxConfig.cmake
              ${PROJECT_BINARY_DIR}/package/SardonyxConfigVersion.cmake cmake/SardonyxDependencies.cmake
        DESTINATION ${sdx_package_dir})
