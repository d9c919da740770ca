# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A Debian in a folder, made with debootstrap from the mirror that this machine's apt has. Sourced by
# scripts/test-on and scripts/package, which set system. What is mounted and what runs there is in
# namespaces of its own, which end with the script.

cannot() { # REASON
  echo "notice: $system: $1, skipped"
  echo "0 passed, 0 failed, 1 skipped"
  exit 77
}
# What is mounted is seen by nothing else, and the end of the command ends all it has started.
# unshare ends by SIGKILL alone before that.
child=
apart() {
  local err=0
  unshare --mount --pid --fork --kill-child "$@" &
  child=$!
  wait "$child" || err=$?
  child=
  return $err
}
trap '[ -z "$child" ] || kill -KILL "$child"' EXIT
trap 'exit 143' INT TERM

# The first mirror of a label, as this machine's apt knows it.
mirror() { # LABEL
  # shellcheck disable=SC2016 # apt's variable
  apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Component: main' "Label: $1" |
    sed -n 1p
}
sources() { # MIRROR
  local debian=$1 security
  echo "deb $debian $system main"
  [ "$system" != sid ] || return 0
  echo "deb $debian $system-updates main"
  security=$(mirror Debian-Security)
  [ -z "$security" ] || echo "deb $security $system-security main"
}

# A root that is whole has its final name.
make_root() { # ROOT
  local debian part=$1.part
  if ! command -v debootstrap >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap \
      >/dev/null || cannot "no debootstrap"
  fi
  debian=$(mirror Debian)
  [ -n "$debian" ] || cannot "apt has no mirror of Debian"
  rm -rf "$part"
  mkdir -p "$part"
  apart debootstrap --variant=minbase --include=ca-certificates "$system" "$part" "$debian" ||
    cannot "debootstrap has made no root"
  sources "$debian" >"$part/etc/apt/sources.list"
  # No package starts a daemon.
  printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
  chmod +x "$part/usr/sbin/policy-rc.d"
  mv "$part" "$1"
}
# How this machine reaches mirrors changes.
use_mirrors() { # ROOT
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
  apt-config dump | grep -E '^Acquire::(https?::|Check-Valid-Until)' \
    >"$1/etc/apt/apt.conf.d/90mirror" || true
}

# A command in the root, with /dev, /proc and /sys. SHARED, if it is a folder, is /build/shared,
# read-only. Bash stays the first process of the namespace, and so waits for orphans.
in_root() { # ROOT SHARED COMMAND...
  # shellcheck disable=SC2016
  apart bash -euc '
    root=$1 shared=$2
    shift 2
    mount --bind "$root" "$root" # so that its root is a mount point, as unshare wants
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    if [ -d "$shared" ]; then
      mount --bind "$shared" "$root/build/shared"
      mount -o remount,bind,ro "$root/build/shared"
    fi
    err=0
    chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin UNDER=gcc \
      CI=true DEBIAN_FRONTEND=noninteractive http_proxy="${http_proxy-}" \
      https_proxy="${https_proxy-}" "$@" || err=$?
    exit $err
  ' in_root "$@" </dev/null
}
# An update that was not whole is a warning otherwise.
refresh() { # ROOT
  in_root "$1" '' apt-get update -qq --error-on=any || cannot "apt takes nothing from its mirror"
  in_root "$1" '' apt-get dist-upgrade -qq -y --no-install-recommends >/dev/null
}

[ "$(id -u)" = 0 ] || cannot "not root"
apart mount -t proc proc /proc 2>/dev/null || cannot "no mounts in a namespace"
command -v apt-get >/dev/null || cannot "no apt"
