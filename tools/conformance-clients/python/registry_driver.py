"""Drives confluent-kafka's Schema Registry client. Argument: the registry's URL."""

import asyncio
import json
import sys

from answer_requests import answer_requests
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext


class Operations:
    def __init__(self, url):
        # No retries: what the registry refuses is to be seen.
        self.client = SchemaRegistryClient({"url": url, "max.retries": 0})

    def register(self, subject, schema, normalize=False):
        # What is known is cached by the client.
        self.client.clear_caches()
        return self.client.register_schema(subject, Schema(schema, "AVRO"), normalize)

    def lookup(self, subject, schema, normalize=False):
        self.client.clear_caches()
        found = self.client.lookup_schema(subject, Schema(schema, "AVRO"), normalize)
        return {"id": found.schema_id, "version": found.version}

    def schemaById(self, schemaId):
        self.client.clear_caches()
        return self.client.get_schema(schemaId).schema_str

    def latest(self, subject):
        self.client.clear_latest_caches()
        found = self.client.get_latest_version(subject)
        return {"id": found.schema_id, "version": found.version}

    def version(self, subject, version):
        self.client.clear_caches()
        found = self.client.get_version(subject, version)
        return {"id": found.schema_id, "version": found.version}

    def versions(self, subject):
        return self.client.get_versions(subject)

    def subjects(self, deleted=False):
        return self.client.get_subjects(deleted=deleted)

    def uses(self, schemaId):
        return [[one.subject, one.version] for one in self.client.get_schema_versions(schemaId)]

    def isCompatible(self, subject, schema):
        return self.client.test_compatibility(subject, Schema(schema, "AVRO"))

    def isCompatibleWithAll(self, subject, schema):
        return self.client.test_compatibility_all_versions(subject, Schema(schema, "AVRO"))

    def setCompatibility(self, level, subject=None):
        self.client.set_compatibility(subject, level)

    def compatibility(self, subject=None):
        return self.client.get_compatibility(subject)

    def deleteConfig(self, subject):
        self.client.delete_config(subject)

    def deleteVersion(self, subject, version, permanent=False):
        return self.client.delete_version(subject, version, permanent)

    def deleteSubject(self, subject, permanent=False):
        return self.client.delete_subject(subject, permanent)

    def setMode(self, subject, mode):
        self.client.update_mode(subject, mode)

    def mode(self, subject):
        return self.client.get_mode(subject)

    def encode(self, subject, schema, value):
        configuration = {"auto.register.schemas": True, "subject.name.strategy": lambda context, name: subject}
        serializer = AvroSerializer(self.client, schema, conf=configuration)
        return list(serializer(value, SerializationContext("any", MessageField.VALUE)))

    def decode(self, bytes_):
        value = AvroDeserializer(self.client)(bytes(bytes_), SerializationContext("any", MessageField.VALUE))
        return json.loads(json.dumps(value))


asyncio.run(answer_requests(Operations(sys.argv[1])))
