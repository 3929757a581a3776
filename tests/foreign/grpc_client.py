#!/usr/bin/env python3
"""A gRPC client of another make: Python's grpcio with its health and reflection packages.

Usage: grpc_client.py PROCUREMENT_ADDR CLASSIFICATION_ADDR
Needs grpcio, grpcio-health-checking and grpcio-reflection. Exits 1 at the first thing that does not hold.
It knows no generated code of ours: messages come from the servers' own reflection, as grpcurl does it.
"""

import sys

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

CHECKS = 0


def check(condition, what):
    global CHECKS
    if not condition:
        print(f"FAILED: {what}")
        sys.exit(1)
    CHECKS += 1
    print(f"ok: {what}")


def call(channel, pool, service, method, **fields):
    """Calls a unary RPC with messages built from reflection."""
    descriptor = pool.FindServiceByName(service).methods_by_name[method]
    request = message_factory.GetMessageClass(descriptor.input_type)(**fields)
    response = message_factory.GetMessageClass(descriptor.output_type)
    stub = channel.unary_unary(
        f"/{service}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=response.FromString,
    )
    return stub(request, timeout=10)


def code_of(action):
    try:
        action()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def check_server(addr, service):
    channel = grpc.insecure_channel(addr)
    database = ProtoReflectionDescriptorDatabase(channel)
    services = database.get_services()
    for name in (service, "grpc.health.v1.Health"):
        check(name in services, f"{addr} lists {name}")
    ours = [name for name in services if name.startswith("bouvetradar.")]
    check(ours == [service], f"{addr} lists nothing of ours that it does not serve")

    health = health_pb2_grpc.HealthStub(channel)
    for name in ("", service):
        status = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=10).status
        check(status == health_pb2.HealthCheckResponse.SERVING, f"{addr} Check({name!r}) is SERVING")
    unknown = health_pb2.HealthCheckRequest(service="no.such.Service")
    code = code_of(lambda: health.Check(unknown, timeout=10))
    check(code == grpc.StatusCode.NOT_FOUND, f"{addr} Check of an unknown service is NOT_FOUND")
    watch = health.Watch(unknown, timeout=10)
    first = next(iter(watch)).status
    check(first == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN, f"{addr} Watch of it is SERVICE_UNKNOWN")
    check(watch.is_active(), f"{addr} and the watch stays open")
    watch.cancel()

    pool = DescriptorPool(database)
    methods = pool.FindServiceByName(service).methods
    check(len(methods) >= 10, f"{addr} describes {len(methods)} RPCs")
    routed = [m for m in methods if "/api/" in str(m.GetOptions()) or m.GetOptions().ByteSize() > 0]
    check(len(routed) >= 10, f"{addr} keeps the http annotations in reflection ({len(routed)} RPCs)")
    return channel, pool


def main():
    procurement, classification = sys.argv[1:3]

    service = "bouvetradar.classification.v1.ClassificationService"
    channel, pool = check_server(classification, service)
    one = call(channel, pool, service, "GetCpvCode", code="48000000-8")
    check(one.data.code == "48000000" and one.data.description, f"GetCpvCode says {one.data.description!r}")
    nested = call(channel, pool, service, "ListNutsCodes")
    check(nested.total >= 380, f"ListNutsCodes has {nested.total} codes")
    code = code_of(lambda: call(channel, pool, service, "GetCpvCode", code="99999999"))
    check(code == grpc.StatusCode.NOT_FOUND, "an unknown CPV code is NOT_FOUND")

    service = "bouvetradar.procurement.v1.ProcurementService"
    channel, pool = check_server(procurement, service)
    found = call(channel, pool, service, "SearchNotices", hits_per_page=5)
    check(len(found.data.hits) == 5, f"SearchNotices gives {len(found.data.hits)} of {found.data.total_hits} notices")
    code = code_of(lambda: call(channel, pool, service, "SearchNotices", page=-1))
    check(code == grpc.StatusCode.INVALID_ARGUMENT, "page -1 is INVALID_ARGUMENT")
    print(f"{CHECKS} passed, 0 failed")


if __name__ == "__main__":
    main()
