"""Drives aiokafka. Argument: bootstrap servers."""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import CommitFailedError, KafkaError, for_code
from answer_requests import answer_requests

READ_LIMIT_SECONDS = 30
# A batch that has found no leader for so long is given up. An Apache Kafka that starts again on a busy machine takes longer than the default of 40 s.
DELIVERY_LIMIT_MS = 150_000


class Operations:
    def __init__(self, servers):
        self.servers = servers
        self.producers = {}
        self.member = None
        self.admin_client = None

    # Producing

    async def producer(self, codec="none", transactionalId=None):
        key = (codec, transactionalId)
        if key not in self.producers:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.servers,
                enable_idempotence=True,
                compression_type=None if codec == "none" else codec,
                linger_ms=5,
                request_timeout_ms=DELIVERY_LIMIT_MS,
                transactional_id=transactionalId,
            )
            await producer.start()
            self.producers[key] = producer
        return self.producers[key]

    async def send(self, topic, partition, values, codec="none", paceMs=0, transactionalId=None):
        producer = await self.producer(codec, transactionalId)
        sent = []
        for value in values:
            sent.append(await producer.send(topic, value.encode(), partition=partition))
            if paceMs > 0:
                await asyncio.sleep(paceMs / 1000)
        return [metadata.offset for metadata in await asyncio.gather(*sent)]

    async def begin(self, transactionalId):
        await (await self.producer(transactionalId=transactionalId)).begin_transaction()

    async def sendOffsets(self, transactionalId, group, topic, partition, offset):
        producer = await self.producer(transactionalId=transactionalId)
        await producer.send_offsets_to_transaction({TopicPartition(topic, partition): offset}, group)

    async def commit(self, transactionalId):
        await (await self.producer(transactionalId=transactionalId)).commit_transaction()

    async def abort(self, transactionalId):
        await (await self.producer(transactionalId=transactionalId)).abort_transaction()

    # Consuming

    async def consumer(self, *topics, **more):
        consumer = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self.servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            heartbeat_interval_ms=500,
            **more,
        )
        await consumer.start()
        return consumer

    async def read(self, topic, partition, isolation, **more):
        consumer = await self.consumer(isolation_level=isolation)
        where = TopicPartition(topic, partition)
        records, limit = [], time.monotonic() + READ_LIMIT_SECONDS
        try:
            consumer.assign([where])
            consumer.seek(where, more.get("from", 0))
            # Known after the first fetch; it does not say whether anything is before it.
            end = None
            while end is None or await consumer.position(where) < end:
                if time.monotonic() > limit:
                    raise TimeoutError(f"at {await consumer.position(where)} of {end} in {where}")
                for batch in (await consumer.getmany(where, timeout_ms=200)).values():
                    records.extend(described(one) for one in batch)
                known = consumer.last_stable_offset(where) if isolation == "read_committed" else consumer.highwater(where)
                end = known if known is not None else end
            return records
        finally:
            await consumer.stop()

    async def offsetForTime(self, topic, partition, time):
        consumer = await self.consumer()
        try:
            where = TopicPartition(topic, partition)
            found = (await consumer.offsets_for_times({where: time}))[where]
            return -1 if found is None else found.offset
        finally:
            await consumer.stop()

    async def join(self, group, topic):
        # Waits for the first assignment.
        self.member = await self.consumer(topic, group_id=group)

    async def poll(self, forMs):
        polled = await self.member.getmany(timeout_ms=forMs, max_records=500)
        if polled:
            try:
                await self.member.commit()
            except CommitFailedError:
                pass  # a rebalance is under way; the client joins again by itself
        records = [described(one) for batch in polled.values() for one in batch]
        return {"records": records, "assignment": [one.partition for one in self.member.assignment()]}

    async def leave(self):
        await self.member.stop()

    # Administering

    async def admin(self):
        if self.admin_client is None:
            self.admin_client = AIOKafkaAdminClient(bootstrap_servers=self.servers)
            await self.admin_client.start()
        return self.admin_client

    async def createTopic(self, topic, partitions, configs):
        created = await (await self.admin()).create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])
        check(code for _, code, *_ in created.topic_errors)

    async def describeTopic(self, topic):
        (described_topic,) = await (await self.admin()).describe_topics([topic])
        return len(described_topic["partitions"])

    async def listTopics(self):
        return list(await (await self.admin()).list_topics())

    async def describeConfig(self, topic, name):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        (answer,) = await (await self.admin()).describe_configs([resource])
        ((code, _, _, _, entries),) = answer.resources
        check([code])
        return next(value for key, value, *_ in entries if key == name)

    async def alterConfig(self, topic, name, value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})
        (answer,) = await (await self.admin()).alter_configs([resource])
        check(code for code, *_ in answer.resources)

    async def growTopic(self, topic, partitions):
        answer = await (await self.admin()).create_partitions({topic: NewPartitions(partitions)})
        check(code for _, code, *_ in answer.topic_errors)

    async def deleteRecords(self, topic, partition, before):
        await (await self.admin()).delete_records({TopicPartition(topic, partition): RecordsToDelete(before)})

    async def deleteTopic(self, topic):
        answer = await (await self.admin()).delete_topics([topic])
        check(code for _, code in answer.topic_error_codes)

    async def listGroups(self):
        return [group for group, *_ in await (await self.admin()).list_consumer_groups()]

    async def describeGroup(self, group):
        (answer,) = await (await self.admin()).describe_consumer_groups([group])
        ((code, _, state, _, _, members, *_),) = answer.groups
        check([code])
        return {"state": state, "members": len(members)}

    async def committed(self, group, topic, partition):
        where = TopicPartition(topic, partition)
        found = await (await self.admin()).list_consumer_group_offsets(group, partitions=[where])
        return found[where].offset


def check(codes):
    for code in codes:
        if code != 0:
            raise for_code(code)


def described(record):
    return {"partition": record.partition, "offset": record.offset, "value": record.value.decode()}


asyncio.run(answer_requests(Operations(sys.argv[1])))
