#!/usr/bin/env bash
# start-kafka.sh PORT DATADIR [stop]: one Apache Kafka node (KRaft, combined mode) on 127.0.0.1; see README.md beside it.
# Prints the broker's process id once it answers ApiVersions. Its log is DATADIR/server.log; a formatted DATADIR is used again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${1:?usage: start-kafka.sh PORT DATADIR [stop]}
dir=${2:?usage: start-kafka.sh PORT DATADIR [stop]}

if [ "${3:-}" = stop ]; then
  pid=$(cat "$dir/pid" 2>/dev/null) || exit 0
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$dir/pid"; exit 0; }
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$dir/pid"
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
cat > "$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
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
if [ ! -f "$dir/data/meta.properties" ]; then
  id=$(head -c16 /dev/urandom | base64 | tr '+/' 'xy' | tr -d =)
  java "$logging" -cp "$libs/*" kafka.tools.StorageTool format -t "$id" -c "$dir/server.properties" > "$dir/format.log" 2>&1
fi
${KAFKA_WRAP:-} java -Xmx"${KAFKA_HEAP:-1g}" -XX:+UseG1GC "$logging" -cp "$libs/*" kafka.Kafka "$dir/server.properties" > "$dir/server.log" 2>&1 < /dev/null &
pid=$!
disown
echo "$pid" > "$dir/pid"

# ApiVersions version 0: size 14, api 18, version 0, correlation 7, client "rdy0". An answer of 8 bytes or more means: up.
for _ in $(seq 600); do
  kill -0 "$pid" 2>/dev/null || { echo "the broker died:" >&2; tail -20 "$dir/server.log" >&2; exit 1; }
  if exec 3<> "/dev/tcp/127.0.0.1/$port"; then
    printf '\0\0\0\016\0\022\0\0\0\0\0\007\0\004rdy0' >&3
    n=$(timeout 1 head -c8 <&3 | wc -c)
    exec 3>&-
    [ "$n" = 8 ] && { echo "$pid"; exit 0; }
  fi 2>/dev/null
  sleep 0.05
done
echo "the broker did not answer within 30 s" >&2
exit 1
