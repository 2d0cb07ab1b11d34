# Compile settings shared by every target, and the two functions the tree is built with.

add_library(godwit_options INTERFACE)
target_compile_options(godwit_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fno-omit-frame-pointer
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers>
  # GCC 12 sees uninitialized members in every optimized move of an optional vector.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-field-initializers -Wno-missing-designated-field-initializers>)
target_include_directories(godwit_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(GODWIT_SANITIZE)
  target_compile_options(godwit_options INTERFACE -fsanitize=${GODWIT_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(godwit_options INTERFACE -fsanitize=${GODWIT_SANITIZE})
endif()
if(GODWIT_FUZZ)
  target_compile_options(godwit_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(GODWIT_CCACHE ccache)
if(GODWIT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GODWIT_CCACHE})
endif()
find_program(GODWIT_MOLD mold)
if(GODWIT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# godwit_module(name [DEPS target...]): the library godwit_<name> of every .cc below the current folder.
# Slashes in a name become underscores: protocol/kafka is godwit_protocol_kafka.
function(godwit_module name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  string(REPLACE "/" "_" target godwit_${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC godwit_options ${arg_DEPS})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE godwit_options ${arg_DEPS})
  endif()
endfunction()

# godwit_tests(name [DEPS target...]): one test program of every *_test.cc below the current folder.
function(godwit_tests name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  string(REPLACE "/" "_" target ${name}_test)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${target} COMMAND ${target})
endfunction()

# godwit_program(name source... [DEPS target...]): an executable at the root of the build. A module leaves out its main.cc.
function(godwit_program name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE godwit_options ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()
