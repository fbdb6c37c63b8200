#!/usr/bin/env bash
# usage: systemd.sh FOLDER NAME SOURCE WHEELS
# Becomes a machine whose first process is systemd: its root file system is this one under a layer that is thrown away,
# its only network a loopback of its own. To be run by `unshare --mount`, so that the kernel removes the mounts with the
# last process. Exit code 77: this kernel refuses it.
set -euo pipefail
folder=$1 name=$2 source=$3 wheels=$4

{
    mkdir "$folder/layer" "$folder/root"
    mount -t tmpfs -o mode=755 tmpfs "$folder/layer"
    mkdir "$folder/layer/upper" "$folder/layer/work"
    mount -t overlay -o "lowerdir=/,upperdir=$folder/layer/upper,workdir=$folder/layer/work" overlay "$folder/root"
} || exit 77

# A machine with this one's id would be refused.
systemd-id128 new >"$folder/root/etc/machine-id"
mkdir -p "$folder/root/var/log/journal" "$folder/root/usr/src/mailbot" "$folder/root/usr/src/wheels"

if [ -d /run/systemd/system ]; then
    place=() # the systemd of this machine gives it a scope of its own
else
    # Nobody here shares out control groups: one of its own, in each hierarchy that there is.
    place=(--keep-unit)
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        if [ -e "$hierarchy/cgroup.procs" ]; then
            { mkdir "$hierarchy/$name" && echo $$ >"$hierarchy/$name/cgroup.procs"; } || exit 77
        fi
    done
fi
# Nothing of what this machine would start of itself.
exec systemd-nspawn --quiet --register=no "${place[@]}" --machine="$name" --directory="$folder/root" \
    --private-network --link-journal=no --console=pipe \
    --bind-ro="$source:/usr/src/mailbot" --bind-ro="$wheels:/usr/src/wheels" \
    --boot systemd.unit=basic.target systemd.mask=timers.target
