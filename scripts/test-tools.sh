#!/bin/sh
# Install the Debian packages whose programs the tests use; with `bench`, those of the measurements too.
# Where that may not be done (no root, no apt-get) it says what is missing: the tests that need it skip loudly.
set -u

programs="curl strace openssl jq nginx caddy rsync java chromium ip faketime"
# Independent readers of build files, which ours are held against.
programs="$programs apksigner aapt2 bsdtar dpkg-deb rpm msiinfo osslsigncode unsquashfs 7z plistutil"
[ "${1:-}" = bench ] && programs="$programs wrk android-framework-res"

package_of() {
  case $1 in
    nginx) echo nginx-light ;;
    java) echo default-jre-headless ;;
    chromium) echo chromium fonts-noto-core ;;
    aapt2) echo aapt ;;
    bsdtar) echo libarchive-tools ;;
    dpkg-deb) echo dpkg ;;
    msiinfo) echo msitools ;;
    unsquashfs) echo squashfs-tools ;;
    7z) echo 7zip ;;
    ip) echo iproute2 ;;
    plistutil) echo libplist-utils ;;
    *) echo "$1" ;;
  esac
}

is_there() {
  case $1 in
    android-framework-res) [ -e /usr/share/android-framework-res/framework-res.apk ] ;;  # no program: aapt2 links against it
    *) PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null 2>&1 ;;
  esac
}

missing() {
  for program in $programs; do
    is_there "$program" || echo "$program"
  done
}

# The extra that turns bundles into APKs; without it the tests of that say so and are skipped.
sh "$(dirname "$0")/fetch-bundletool.sh" "$(dirname "$0")/../.tools" >/dev/null 2>&1 ||
  echo "bundletool could not be fetched, so some tests will be skipped" >&2

# A blob service that speaks like Azure's; without it the tests of that say so and are skipped.
azurite="$(dirname "$0")/../.tools/azurite"
[ -d "$azurite/node_modules/azurite" ] ||
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$azurite" azurite@3.37.0 >/dev/null 2>&1 ||
  echo "Azurite could not be fetched, so some tests will be skipped" >&2

wanted=$(missing)
[ -z "$wanted" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  packages=$(for program in $wanted; do package_of "$program"; done)
  export DEBIAN_FRONTEND=noninteractive
  # A server of ours is started by hand: Debian's must not start by itself.
  [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; made_policy=1; }
  apt-get update -qq >/dev/null 2>&1
  # One by one: a package that this Debian does not have must not keep the others out.
  for package in $packages; do
    apt-get install -qq -y --no-install-recommends "$package" >/dev/null 2>&1 || echo "apt-get could not install: $package" >&2
  done
  [ -n "${made_policy:-}" ] && rm -f /usr/sbin/policy-rc.d
fi

wanted=$(missing)
[ -z "$wanted" ] || echo "missing, so some tests will be skipped: $(echo $wanted)" >&2
exit 0
