# SPDX-License-Identifier: MIT
# The sources are those of the tree, so none is downloaded.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

set(TOOLS disabled)
if("tools" IN_LIST FEATURES)
  set(TOOLS enabled)
endif()

vcpkg_configure_meson(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -Dtests=disabled
    -Dexamples=disabled
    -Dbench=disabled
    -Dnettle=disabled
    -Dtools=${TOOLS}
)
vcpkg_install_meson()
vcpkg_fixup_pkgconfig()
vcpkg_cmake_config_fixup(PACKAGE_NAME admwh CONFIG_PATH lib/cmake/admwh)
if("tools" IN_LIST FEATURES)
  vcpkg_copy_tools(TOOL_NAMES admwhctl AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
