for fact in "$@"; do declare "fact_${fact%%=*}=${fact#*=}"; done
tried() { echo TRIED; }
escaped() { echo "ESCAPED: $*"; }
