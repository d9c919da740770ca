# SPDX-License-Identifier: MIT
"""
Conan 2: `conan create packaging/conan --build=missing`. The sources are those of the tree that it
stands in.

wolfSSL has to be 5.9.4 or later, since earlier ones accept forged certificates (CVE-2026-5194); where a
remote has no such version, this recipe finds none, and that is meant.
"""

import os

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy
from conan.tools.gnu import PkgConfigDeps
from conan.tools.layout import basic_layout
from conan.tools.meson import Meson, MesonToolchain

TREE = ("meson.build", "meson_options.txt", "LICENSE", "include/*", "src/*", "packaging/*", "docs/*")


class LibAdmwh(ConanFile):
    name = "libadmwh"
    version = "0.1.0"
    description = "Kubernetes admission webhooks in C, authenticated by mutual TLS"
    license = "MIT"
    topics = ("kubernetes", "admission", "webhook", "tls")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {"shared": False, "fPIC": True, "wolfssl/*:opensslextra": True,
                       "wolfssl/*:tls13": True}
    implements = ["auto_shared_fpic"]
    languages = "C"

    def export_sources(self):
        top = os.path.join(self.recipe_folder, "..", "..")
        for pattern in TREE:
            copy(self, pattern, top, self.export_sources_folder)

    def layout(self):
        basic_layout(self)

    def requirements(self):
        self.requires("jansson/[>=2.14 <3]", transitive_headers=True)
        self.requires("libuv/[>=1.44 <2]")
        self.requires("llhttp/[>=8.1 <10]")
        self.requires("wolfssl/[>=5.9.4 <6]")

    def build_requirements(self):
        self.tool_requires("meson/[>=1.0 <2]")

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("libadmwh is for Linux")

    def generate(self):
        toolchain = MesonToolchain(self)
        for part in ("tests", "examples", "bench", "tools", "nettle"):
            toolchain.project_options[part] = "disabled"
        toolchain.generate()
        dependencies = PkgConfigDeps(self)
        dependencies.set_property("llhttp", "pkg_config_name", "libllhttp")
        dependencies.generate()

    def build(self):
        meson = Meson(self)
        meson.configure()
        meson.build()

    def package(self):
        Meson(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.libs = ["admwh"]
        self.cpp_info.set_property("pkg_config_name", "admwh")
        self.cpp_info.set_property("cmake_file_name", "admwh")
        self.cpp_info.set_property("cmake_target_name", "admwh::admwh")
        self.cpp_info.system_libs = ["pthread", "m"]
