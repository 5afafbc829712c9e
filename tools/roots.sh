# shellcheck shell=bash disable=SC2034
# tools/roots.sh
#		Root folders of Debian's releases, made by debootstrap, for what must be
#		seen on another server or on a machine with nothing on it.  Sourced by
#		bash; needs root.
#
# Packages come from where this machine's apt gets its own.  What is mounted is
# mounted in a namespace of its own, and ends with the command.
#
#	fl_roots_missing	says why nothing of this can be done here, or nothing
#	fl_roots		where the folders are kept between runs: FIRST_LOAN_ROOTS, or
#				/var/cache/first_loan
#	fl_suite VERSION	sets fl_suite to the release that has this PostgreSQL, or fails
#	fl_root_base SUITE	makes $fl_roots/SUITE: a bare Debian with git and
#				ca-certificates; 2 where the release cannot be had, for $fl_why
#	fl_root_kept SUITE	the same with $fl_roots/SUITE.kept, a copy to be installed into
#	fl_root_packages DIR CHECKOUT VERSION [WORD...]	installs in the folder what "fl_begin
#				WORD..." does; 2 where these or the version cannot be had, for $fl_why
#	fl_root_clean DIR	removes a folder, if nothing is mounted there
#	fl_root_run DIR SHARED COMMAND...	runs in the folder, SHARED being /mnt there; 75
#				where nothing can be mounted

fl_roots=${FIRST_LOAN_ROOTS:-/var/cache/first_loan}
fl_why=

fl_roots_begin()
{
	[ "$(id -u)" = 0 ] || { echo "$0: needs root, for debootstrap and chroot" >&2; exit 1; }
	if ! command -v debootstrap >/dev/null; then
		apt-get update -q >/dev/null || true
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends debootstrap >/dev/null ||
			{ echo "$0: debootstrap cannot be had" >&2; exit 75; }
	fi
	mkdir -p "$fl_roots"
}

fl_roots_missing()
{
	local probe

	if [ "$(id -u)" != 0 ]; then
		echo "it needs root"
	elif ! command -v apt-get >/dev/null; then
		echo "it needs apt-get"
	elif ! { mkdir -p "$fl_roots" && probe=$(mktemp -d "$fl_roots/probe.XXXXXX"); } 2>/dev/null; then
		echo "$fl_roots cannot be written to"
	else
		# what debootstrap and fl_root_run do
		# shellcheck disable=SC2016
		if ! { mknod "$probe/null" c 1 3 && echo >"$probe/null"; } 2>/dev/null; then
			echo "no devices can be made in $fl_roots"
		elif ! unshare --mount --pid --fork --kill-child --propagation private sh -c '
			mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount -t proc proc "$1" && chroot / true' \
			sh "$probe" 2>/dev/null; then
			echo "nothing can be mounted"
		elif [ "$(df -Pk "$probe" | awk 'NR == 2 {print $4}')" -lt 8388608 ]; then
			echo "$fl_roots has no 8 GB left"
		elif (fl_roots_begin) >/dev/null 2>&1; ! command -v debootstrap >/dev/null; then
			echo "debootstrap cannot be had"
		fi
		rm -rf "$probe"
	fi
}

# fl_root_reach SUITE: sets mirror to where apt would get it
fl_root_reach()
{
	local file status=0

	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Identifier: Packages' |
		awk -v suite="$1" 'NR == 1 || $2 == suite && !found++ {uri = $1} END {print uri}')
	if [ -z "$mirror" ]; then
		apt-get update -q >/dev/null 2>&1 || true
		# shellcheck disable=SC2016
		mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | head -n 1)
	fi
	[ -n "$mirror" ] || return 1
	file=$(mktemp)
	/usr/lib/apt/apt-helper download-file "${mirror%/}/dists/$1/Release" "$file" >/dev/null 2>&1 || status=1
	rm -f "$file"
	return $status
}

# PostgreSQL 14 and 16 are in no release.
fl_suite()
{
	case $1 in
		13) fl_suite=bullseye ;;
		15) fl_suite=bookworm ;;
		17) fl_suite=trixie ;;
		18)
			fl_suite=forky
			[ -e "$fl_roots/forky/etc/debian_version" ] || fl_root_reach forky || fl_suite=sid
			;;
		*) return 1 ;;
	esac
}

fl_last_error()
{
	{ grep '^E: ' "$1" || tail -n 1 "$1"; } | tail -n 1
}

fl_root_base()
{
	local suite=$1 base=$fl_roots/$1 work mirror script='' start

	[ ! -e "$base/etc/debian_version" ] || return 0
	fl_why="$suite cannot be reached"
	fl_root_reach "$suite" || return 2
	# An older debootstrap does not know a younger release.
	[ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/sid
	fl_why="$fl_roots cannot be written to"
	work=$(mktemp -d "$fl_roots/make.XXXXXX") || return 2
	start=$SECONDS
	if ! debootstrap --variant=minbase --include=git,ca-certificates \
		"$suite" "$work/base" "$mirror" $script >"$work/log" 2>&1; then
		tail "$work/log"
		fl_why="debootstrap of $suite failed: $(fl_last_error "$work/log")"
		rm -rf "$work"
		return 2
	fi
	# how this machine reaches the mirror, where that takes more than a name
	apt-config dump | grep -E '^Acquire::(https?|Check-(Valid-Until|Date))(::| )' \
		>"$work/base/etc/apt/apt.conf.d/99host" || true
	case $suite in
		# Lists of releases in the making expire within days; a mirror may lag.
		forky | sid) echo 'Acquire::Check-Valid-Until "false";' >>"$work/base/etc/apt/apt.conf.d/99host" ;;
	esac
	rm -f "$work/base"/var/cache/apt/archives/*.deb
	mv "$work/base" "$base"
	rm -rf "$work"
	echo "== debootstrap $suite: $((SECONDS - start)) s"
}

fl_root_kept()
{
	[ ! -e "$fl_roots/$1.kept/etc/debian_version" ] || return 0
	fl_root_base "$1" || return
	rm -rf "$fl_roots/$1.making"
	if ! { cp -a --reflink=auto "$fl_roots/$1" "$fl_roots/$1.making" && mv "$fl_roots/$1.making" "$fl_roots/$1.kept"; }; then
		rm -rf "$fl_roots/$1.making"
		fl_why="$fl_roots/$1 cannot be copied"
		return 2
	fi
}

fl_root_packages()
{
	local root=$1 repo=$2 version=$3 log status=0 found

	shift 3
	log=$(mktemp) || return
	# What an interrupted run may have left is mended first.
	# shellcheck disable=SC2016	# expanded inside
	fl_root_run "$root" "$repo" bash -c 'dpkg --configure -a >/dev/null
		set -euo pipefail
		. /mnt/tools/cluster.sh
		fl_begin "$@"
		"$PG_CONFIG" --version' "$0" "$@" >"$log" 2>&1 </dev/null || status=$?
	found=$(grep '^PostgreSQL [0-9]' "$log") || true
	if [ $status -eq 75 ]; then
		tail "$log"
		fl_why="packages cannot be had: $(fl_last_error "$log")"
		status=2
	elif [ $status -ne 0 ]; then
		cat "$log"
		status=1
	elif [[ $found != "PostgreSQL $version"[!0-9]* ]]; then
		fl_why="the release has another: $found"
		status=2
	fi
	rm -f "$log"
	return $status
}

fl_root_clean()
{
	if grep -qF " $1/" /proc/self/mounts; then
		echo "$0: something is mounted in $1, which is left as it is" >&2
		return 1
	fi
	rm -rf "$1"
}

# A new session and process namespace: whatever still runs ends with it.
fl_root_run()
{
	local root=$1 shared=$2
	shift 2

	# shellcheck disable=SC2016
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C CI=true \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
		unshare --mount --pid --fork --kill-child --propagation private sh -c '
			root=$1
			shared=$2
			shift 2
			# a mount itself, so that what runs there can do the same
			mount --rbind "$root" "$root" || exit 75
			if [ -n "$shared" ]; then
				mount --bind "$shared" "$root/mnt" && mount -o remount,bind,ro "$root/mnt" || exit 75
			fi
			mount -t proc proc "$root/proc" || exit 75
			exec chroot "$root" "$@"' sh "$root" "$shared" "$@"
}
