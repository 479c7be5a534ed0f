# sh guard.sh SIGNAL FOLDER COMMAND…
#
# Runs the command on behalf of a process that holds the other end of standard input and never writes to it. When that
# process closes it, or is gone in whatever way, the command gets the signal. When the command ends, its folder goes too,
# unless by then there is a file named kept in it.

signal=$1 folder=$2
shift 2
exec 3<&0 </dev/null
rm -f "$folder/kept"

"$@" 3<&- &
command=$!
{
	read -r _ <&3
	# Repeated, since a program that has only just started may not listen to signals yet.
	while kill -s "$signal" $command; do sleep 0.1; done
} 2>/dev/null &
watcher=$!

wait $command
status=$?
kill $watcher
[ -e "$folder/kept" ] || rm -rf "$folder"
exit $status
