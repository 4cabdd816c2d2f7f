"""Drives confluent-kafka (librdkafka). Argument: bootstrap servers."""

import asyncio
import sys
import time

from answer_requests import answer_requests
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

READ_LIMIT_SECONDS = 30
CALL_LIMIT_SECONDS = 30


class Operations:
    def __init__(self, servers):
        self.settings = {"bootstrap.servers": servers, "reconnect.backoff.max.ms": 200}
        self.producers = {}
        self.member = None
        self.admin_client = None

    # Producing

    def producer(self, codec="none", transactionalId=None):
        key = (codec, transactionalId)
        if key not in self.producers:
            more = {"enable.idempotence": True, "compression.type": codec, "linger.ms": 5}
            if transactionalId is not None:
                more["transactional.id"] = transactionalId
            producer = Producer({**self.settings, **more})
            if transactionalId is not None:
                producer.init_transactions(CALL_LIMIT_SECONDS)
            self.producers[key] = producer
        return self.producers[key]

    def send(self, topic, partition, values, codec="none", paceMs=0, transactionalId=None):
        producer = self.producer(codec, transactionalId)
        offsets, errors = [], []

        def delivered(error, message):
            if error is None:
                offsets.append(message.offset())
            else:
                errors.append(error)

        for value in values:
            producer.produce(topic, value=value, partition=partition, on_delivery=delivered)
            producer.poll(paceMs / 1000)
        producer.flush()
        if errors:
            raise KafkaException(errors[0])
        return offsets

    def begin(self, transactionalId):
        self.producer(transactionalId=transactionalId).begin_transaction()

    def sendOffsets(self, transactionalId, group, topic, partition, offset):
        consumer = Consumer({**self.settings, "group.id": group})
        try:
            self.producer(transactionalId=transactionalId).send_offsets_to_transaction(
                [TopicPartition(topic, partition, offset)], consumer.consumer_group_metadata(), CALL_LIMIT_SECONDS
            )
        finally:
            consumer.close()

    def commit(self, transactionalId):
        self.producer(transactionalId=transactionalId).commit_transaction(CALL_LIMIT_SECONDS)

    def abort(self, transactionalId):
        self.producer(transactionalId=transactionalId).abort_transaction(CALL_LIMIT_SECONDS)

    # Consuming

    def consumer(self, group, **more):
        return Consumer(
            {
                **self.settings,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": 10_000,
                "heartbeat.interval.ms": 500,
                **more,
            }
        )

    def read(self, topic, partition, isolation, **more):
        consumer = self.consumer("reader", **{"isolation.level": isolation, "enable.partition.eof": True})
        consumer.assign([TopicPartition(topic, partition, more.get("from", 0))])
        records, limit = [], time.monotonic() + READ_LIMIT_SECONDS
        try:
            while time.monotonic() < limit:
                for message in consumer.consume(500, 0.2):
                    if message.error() is None:
                        records.append(described(message))
                    elif message.error().code() == KafkaError._PARTITION_EOF:
                        return records
                    else:
                        raise KafkaException(message.error())
            raise TimeoutError(f"no end of {topic}-{partition} after {len(records)} records")
        finally:
            consumer.close()

    def offsetForTime(self, topic, partition, time):
        consumer = self.consumer("reader")
        try:
            found = consumer.offsets_for_times([TopicPartition(topic, partition, time)], CALL_LIMIT_SECONDS)[0]
            # librdkafka answers the end of the partition (-1) where there is no such record.
            return found.offset
        finally:
            consumer.close()

    def join(self, group, topic):
        self.member = self.consumer(group)
        self.member.subscribe([topic])

    def poll(self, forMs):
        messages = [one for one in self.member.consume(500, forMs / 1000) if one.error() is None]
        if messages:
            try:
                self.member.commit(asynchronous=False)
            except KafkaException:
                pass  # a rebalance is under way; the next poll joins again
        assignment = [one.partition for one in self.member.assignment()]
        return {"records": [described(one) for one in messages], "assignment": assignment}

    def leave(self):
        self.member.close()

    # Administering

    @property
    def admin(self):
        if self.admin_client is None:
            self.admin_client = AdminClient(self.settings)
        return self.admin_client

    def createTopic(self, topic, partitions, configs):
        settled(self.admin.create_topics([NewTopic(topic, partitions, config=configs)]))

    def describeTopic(self, topic):
        return len(self.admin.list_topics(topic, CALL_LIMIT_SECONDS).topics[topic].partitions)

    def listTopics(self):
        return list(self.admin.list_topics(timeout=CALL_LIMIT_SECONDS).topics)

    def describeConfig(self, topic, name):
        return settled(self.admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))[name].value

    def alterConfig(self, topic, name, value):
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        settled(self.admin.incremental_alter_configs([resource]))

    def growTopic(self, topic, partitions):
        settled(self.admin.create_partitions([NewPartitions(topic, partitions)]))

    def deleteRecords(self, topic, partition, before):
        settled(self.admin.delete_records([TopicPartition(topic, partition, before)]))

    def deleteTopic(self, topic):
        settled(self.admin.delete_topics([topic]))

    def listGroups(self):
        listed = self.admin.list_consumer_groups().result(CALL_LIMIT_SECONDS)
        return [one.group_id for one in listed.valid]

    def describeGroup(self, group):
        found = settled(self.admin.describe_consumer_groups([group]))
        return {"state": found.state.name, "members": len(found.members)}

    def committed(self, group, topic, partition):
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition)])
        return max(-1, settled(self.admin.list_consumer_group_offsets([asked])).topic_partitions[0].offset)

    def alterOffset(self, group, topic, partition, offset):
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])
        settled(self.admin.alter_consumer_group_offsets([asked]))

    def deleteGroup(self, group):
        settled(self.admin.delete_consumer_groups([group]))


def settled(futures):
    """The result of the only one of what an admin call answers."""
    (future,) = futures.values()
    return future.result(CALL_LIMIT_SECONDS)


def described(message):
    return {"partition": message.partition(), "offset": message.offset(), "value": message.value().decode()}


asyncio.run(answer_requests(Operations(sys.argv[1])))
