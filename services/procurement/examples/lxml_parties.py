"""What lxml needs to extract the parties alone from the documents that parse_speed --write leaves in a directory.

    python3 lxml_parties.py DIR [SECONDS]

It prints notices a second of processor time, five times, on one core. It does a part of what the parser does: no
lots, no texts, no values.
"""

import pathlib
import sys
import time

from lxml import etree

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
}
IDS = etree.XPath("cbc:ID/text()", namespaces=NS)
ORGANIZATIONS = etree.XPath("//efac:Organizations/efac:Organization/efac:Company", namespaces=NS)
ORGANIZATION_ID = etree.XPath("cac:PartyIdentification/cbc:ID/text()", namespaces=NS)
NAME = etree.XPath("cac:PartyName/cbc:Name/text()", namespaces=NS)
NUMBER = etree.XPath("cac:PartyLegalEntity/cbc:CompanyID/text()", namespaces=NS)
BUYERS = etree.XPath("cac:ContractingParty/cac:Party/cac:PartyIdentification/cbc:ID/text()", namespaces=NS)
TENDERS = etree.XPath("//efac:NoticeResult/efac:LotTender", namespaces=NS)
TENDER_PARTY = etree.XPath("efac:TenderingParty/cbc:ID/text()", namespaces=NS)
CONTRACTED = etree.XPath("//efac:NoticeResult/efac:SettledContract/efac:LotTender/cbc:ID/text()", namespaces=NS)
PARTIES = etree.XPath("//efac:NoticeResult/efac:TenderingParty", namespaces=NS)
TENDERERS = etree.XPath("efac:Tenderer/cbc:ID/text()", namespaces=NS)


def parties(document: bytes) -> list[tuple[str, str, str]]:
    root = etree.fromstring(document)
    pool = {}
    for company in ORGANIZATIONS(root):
        pool[ORGANIZATION_ID(company)[0]] = (NAME(company)[0], NUMBER(company)[0])
    found = [("BUYER", *pool[buyer]) for buyer in BUYERS(root)]
    won = set(CONTRACTED(root))
    members = {IDS(party)[0]: TENDERERS(party) for party in PARTIES(root)}
    for tender in TENDERS(root):
        role = "WINNER" if IDS(tender)[0] in won else "TENDERER"
        found += [(role, *pool[member]) for member in members[TENDER_PARTY(tender)[0]]]
    return found


def main() -> None:
    documents = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).glob("*.xml"))]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    for _ in range(5):
        start, worked, read = time.monotonic(), time.process_time(), 0
        while time.monotonic() - start < seconds:
            for document in documents:
                assert len(parties(document)) > 3
                read += 1
        print(f"{read / (time.process_time() - worked):.0f} notices/s of processor time")


main()
