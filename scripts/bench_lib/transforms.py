"""What records go through under measurement: the configuration of `--transform`."""

UNWRAP = {
    "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
    "transforms.unwrap.delete.tombstone.handling.mode": "rewrite",
}
TRANSFORMS = {
    "unwrap": {"transforms": "unwrap", **UNWRAP},
    "three": {
        "transforms": "unwrap,pick,name",
        **UNWRAP,
        "transforms.pick.type": "org.apache.kafka.connect.transforms.ReplaceField$Value",
        "transforms.pick.exclude": "__deleted",
        "transforms.name.type": "org.apache.kafka.connect.transforms.SetSchemaMetadata$Value",
        "transforms.name.schema.name": "bench.Row",
    },
}
