#!/usr/bin/env bash
# start-kafka.sh PORT DATADIR [stop]: one Apache Kafka broker (KRaft) on 127.0.0.1, its controller in the same process or apart; see README.md beside it.
# Prints the broker's process id once it answers ApiVersions. Its log is DATADIR/server.log, to which each start adds; a formatted DATADIR is used again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${1:?usage: start-kafka.sh PORT DATADIR [stop]}
dir=${2:?usage: start-kafka.sh PORT DATADIR [stop]}

end() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$1"; return 0; }
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$1"
}

if [ "${3:-}" = stop ]; then
  end "$dir/pid"
  end "$dir/controller.pid"
  exit 0
fi

# Whoever answers there would be taken for the broker that is started here.
if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "port $port is in use; choose another one" >&2
  exit 1
fi

version=${KAFKA_VERSION:-4.3.1}
libs=${KAFKA_CACHE:-$here/../../node_modules/.cache/apache-kafka}/$version
if [ ! -f "$libs/.done" ]; then
  mvn -B -q -f "$here/broker/pom.xml" -Dkafka.version="$version" -Dlibs="$libs" dependency:copy-dependencies >&2
  touch "$libs/.done"
fi

mkdir -p "$dir"
controller=$((port + 1))
roles=broker,controller node=1 voter=1 listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
if [ "${KAFKA_CONTROLLER:-}" = apart ]; then
  roles=broker voter=2 listeners=PLAINTEXT://127.0.0.1:$port
fi
cat > "$dir/quorum.properties" <<PROPERTIES
controller.quorum.voters=$voter@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
PROPERTIES
cat - "$dir/quorum.properties" > "$dir/server.properties" <<PROPERTIES
process.roles=$roles
node.id=$node
listeners=$listeners
advertised.listeners=PLAINTEXT://127.0.0.1:$port
log.dirs=$dir/data
num.partitions=4
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.backoff.ms=500
${KAFKA_EXTRA:-}
PROPERTIES

logging=-Dlog4j2.configurationFile=$here/broker/log4j2.properties
format() {
  java "$logging" -cp "$libs/*" kafka.tools.StorageTool format -t "$id" -c "$1" >> "$dir/format.log" 2>&1
}
if [ ! -f "$dir/data/meta.properties" ]; then
  id=$(head -c16 /dev/urandom | base64 | tr '+/' 'xy' | tr -d =)
  format "$dir/server.properties"
  if [ "$roles" = broker ]; then
    cat - "$dir/quorum.properties" > "$dir/controller.properties" <<PROPERTIES
process.roles=controller
node.id=$voter
listeners=CONTROLLER://127.0.0.1:$controller
log.dirs=$dir/controller-data
PROPERTIES
    format "$dir/controller.properties"
  fi
fi
# UnregisterBroker version 0: size 20, api 64, version 0, correlation 7, client "rdy0", broker 1. Its answer has the error after 13 bytes.
unregister() {
  exec 3<> "/dev/tcp/127.0.0.1/$controller"
  printf '\0\0\0\024\0\100\0\0\0\0\0\007\0\004rdy0\0\0\0\0\001\0' >&3
  local error
  error=$(timeout 10 head -c15 <&3 | tail -c2 | od -An -td1)
  exec 3>&-
  [ "$(echo $error)" = "0 0" ]
}
if [ "$roles" = broker ] && kill -0 "$(cat "$dir/controller.pid" 2>/dev/null)" 2>/dev/null; then
  # Before the broker is up its partitions have to be without a leader, also after a kill -9.
  unregister || { echo "the controller did not forget the broker" >&2; exit 1; }
elif [ "$roles" = broker ]; then
  java -Xmx256m -XX:+UseSerialGC "$logging" -cp "$libs/*" kafka.Kafka "$dir/controller.properties" > "$dir/controller.log" 2>&1 < /dev/null &
  echo $! > "$dir/controller.pid"
  disown
fi
${KAFKA_WRAP:-} java -Xmx"${KAFKA_HEAP:-1g}" -XX:+UseG1GC "$logging" -cp "$libs/*" kafka.Kafka "$dir/server.properties" >> "$dir/server.log" 2>&1 < /dev/null &
pid=$!
disown
echo "$pid" > "$dir/pid"

# ApiVersions version 0: size 14, api 18, version 0, correlation 7, client "rdy0". An answer of 8 bytes or more means: up.
for _ in $(seq 1200); do
  kill -0 "$pid" 2>/dev/null || { echo "the broker died:" >&2; tail -20 "$dir/server.log" >&2; exit 1; }
  if exec 3<> "/dev/tcp/127.0.0.1/$port"; then
    printf '\0\0\0\016\0\022\0\0\0\0\0\007\0\004rdy0' >&3
    # One that accepts and does not answer in time, on a busy machine, is asked again.
    n=$(timeout 1 head -c8 <&3 | wc -c) || n=0
    exec 3>&-
    [ "$n" = 8 ] && { echo "$pid"; exit 0; }
  fi 2>/dev/null
  sleep 0.05
done
echo "the broker did not answer within 60 s" >&2
exit 1
