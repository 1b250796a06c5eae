#!/bin/sh
# apt-install.sh PACKAGE...: installs Debian packages and starts no service.
set -u
# invoke-rc.d and deb-systemd-invoke run this file before they start, stop or restart a service. Exit
# code 101 forbids it. All checkouts of the machine share it, so only one installs at a time; apt-get
# keeps the lock if this script is killed.
policy=/usr/sbin/policy-rc.d
exec 9>/run/rollcall-set-up.lock || exit
flock 9
if [ ! -e "$policy" ] || grep -q 'set-up of rollcall' "$policy"; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\n# Put here by the set-up of rollcall while apt-get runs.\nexit 101\n' >"$policy" || exit
  chmod 755 "$policy"
fi
# Otherwise needrestart, if installed, restarts services after an upgrade of libc.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=1 -o Acquire::http::Timeout=20 "$@"
}
# The lists of a fresh image are empty. If the update fails, existing lists may be enough.
apt update
apt install --no-install-recommends "$@" && exit
# One unknown name must not prevent the installation of the others.
code=0
for name; do apt install --no-install-recommends "$name" || code=1; done
exit "$code"
