#!/bin/sh
# A mount in the home directory whose server is gone holds up nobody.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

name="beside a secret: the start does not wait for a dead file system"
mkdir -p "$HOME/dead" "$HOME/.ssh"
if [ "$(id -u)" -ne 0 ]; then
	skip "$name" "mounting takes root"
else
	"$HOME/bin/deadmount" "$HOME/dead" "$PRIVSEP" -- /bin/true
	st=$?
	if [ "$st" -eq 77 ]; then
		skip "$name" "no FUSE"
	else
		is "$name" "$st" 0
	fi
fi
