# SPDX-License-Identifier: Apache-2.0
#
# Writes OUTPUT, a header with the build id: VERSION and the first 16 hex digits of a SHA-256 over the names and
# contents of every native source and kernel. Equal sources give equal ids wherever they lie; a library and a plug-in
# load each other only when theirs are equal. The commit is told for people and takes no part in the id.
file(GLOB_RECURSE sources RELATIVE ${SOURCE_DIR}
  ${SOURCE_DIR}/include/*.h ${SOURCE_DIR}/src/*.h ${SOURCE_DIR}/src/*.cc ${SOURCE_DIR}/src/*.cu
  ${SOURCE_DIR}/src/*.cuh ${SOURCE_DIR}/../kernels/*.h ${SOURCE_DIR}/../kernels/*.cuh ${SOURCE_DIR}/../kernels/*.cu)
list(SORT sources)
set(all "")
foreach(source IN LISTS sources)
  file(SHA256 ${SOURCE_DIR}/${source} digest)
  string(APPEND all "${source} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING ${digest} 0 16 digest)

set(commit "unknown")
if(GIT)
  execute_process(COMMAND ${GIT} describe --always --dirty --abbrev=12 WORKING_DIRECTORY ${SOURCE_DIR}
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit ${described})
  endif()
endif()

set(text "// Made by cmake/build_id.cmake.
#define PCD_VERSION \"${VERSION}\"
#define PCD_BUILD_ID \"${VERSION}+${digest}\"
#define PCD_COMMIT \"${commit}\"
")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${OUTPUT} "${text}")
endif()
