// A shell script that furnishes fresh namespaces: a root on which there is nothing but the system's programs, what was asked for, and one folder to write to.
// Promise: either the program runs in there, without a way back, or nothing runs at all.

/** The script's answer when something cannot be put in place. */
export const unfurnished = 97;

/** Arguments: the programs mount, umount and pivot_root; what may be read, in pairs of where it lies and as what it is seen; "--"; such a pair that may
 * be written; the program. What lies in /tmp is reached through the old root, since the new one is built over it. In the end no further namespaces can be made. */
export const jail = `
set -u
fail() { echo "cannot put $1 in place" >&2; exit ${unfurnished}; }
mount="$1"; umount="$2"; pivot="$3"; shift 3
"$mount" -t tmpfs -o size=1m,mode=755 tmpfs /tmp || fail /tmp
for name in usr lib lib64 lib32 libx32 bin sbin; do
  if [ -h "/$name" ]; then ln -s "$(readlink "/$name")" "/tmp/$name" || fail "/$name"
  elif [ -d "/$name" ]; then
    mkdir "/tmp/$name" && "$mount" --bind -o ro,nosuid,nodev "/$name" "/tmp/$name" || fail "/$name"
  fi
done
mkdir -p /tmp/.old /tmp/proc /tmp/dev /tmp/etc || fail folders
: > /tmp/dev/null && "$mount" --bind /dev/null /tmp/dev/null || fail /dev/null
: > /tmp/dev/urandom && "$mount" --bind -o ro /dev/urandom /tmp/dev/urandom || fail /dev/urandom
if [ -e /etc/ld.so.cache ]; then cp /etc/ld.so.cache /tmp/etc/ || fail /etc/ld.so.cache; fi
cd /tmp && "$pivot" . .old && cd / || fail /
while [ "$1" != -- ]; do
  if [ -d "/.old$1" ]; then mkdir -p "$2" || fail "$2"
  else mkdir -p "\${2%/*}" && : > "$2" || fail "$2"
  fi
  "$mount" --bind -o ro,nosuid,nodev "/.old$1" "$2" || fail "$2"
  shift 2
done
shift
"$mount" --bind -o nosuid,nodev,noexec "/.old$1" "$2" || fail "$2"
shift 2
"$mount" -t proc -o nosuid,nodev,noexec proc /proc 2>/dev/null && {
  echo 0 > /proc/sys/user/max_user_namespaces
  echo 400 > /proc/sys/kernel/pid_max
  "$mount" -o remount,ro,nosuid,nodev,noexec /proc
} 2>/dev/null
"$umount" -l /.old && rmdir /.old && "$mount" -o remount,ro,nosuid,nodev / || fail /
exec "$@"
`;
