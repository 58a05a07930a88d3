# What a program finds when it starts. Two runs must find the same, whatever another run did in between.
ls -lAnR --time-style=+ . | grep -v '^total' | grep -v ' main'
case $PWD in
/box/*) ls -lAnR --time-style=+ /box /tmp/ /dev/shm/ /var/tmp/ 2>&1 | grep -v '^total' | grep -v ' main' ;;
esac
id
env | grep -v '^_=' | sort
umask
ulimit -a
trap
uname -n
# It rises from one value to another when the program has started.
[ "$(cat /proc/self/oom_score_adj 2>/dev/null || echo 1000)" -ge 500 ] && echo "first to go when memory runs out"
ls /proc/self/fd 2>/dev/null | wc -l
