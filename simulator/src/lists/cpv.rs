//! A cut of the common procurement vocabulary with every ancestor of every code.

use super::CpvEntry;

const ROWS: &str = "\
09000000|Drivstoff, elektrisitet og andre energikilder|Petroleum products, fuel, electricity and other sources of energy
09300000|Strøm, varme og solenergi|Electricity, heating, solar and nuclear energy
09310000|Elektrisk kraft|Electricity
15000000|Mat, drikke og tobakk|Food, beverages, tobacco and related products
15100000|Kjøtt og kjøttprodukter|Animal products, meat and meat products
15110000|Kjøtt|Meat
15300000|Frukt og grønnsaker|Fruit, vegetables and related products
15500000|Meieriprodukter|Dairy products
15800000|Diverse matvarer|Miscellaneous food products
15810000|Brød og bakervarer|Bread products, fresh pastry goods and cakes
15890000|Diverse mat og tørrvarer|Miscellaneous food products and dried goods
15894000|Bearbeidede matvarer|Processed food products
15894200|Ferdigretter|Prepared meals
30000000|Kontor- og datautstyr|Office and computing machinery, equipment and supplies except furniture and software packages
30200000|Datautstyr og rekvisita|Computer equipment and supplies
30210000|Databehandlingsmaskiner|Data-processing machines (hardware)
30213000|Personlige datamaskiner|Personal computers
30213100|Bærbare datamaskiner|Portable computers
33000000|Medisinsk utstyr, legemidler og pleieprodukter|Medical equipments, pharmaceuticals and personal care products
33100000|Medisinsk utstyr|Medical equipments
33110000|Bildediagnostisk utstyr|Imaging equipment for medical, dental and veterinary use
33140000|Medisinsk forbruksmateriell|Medical consumables
33190000|Diverse medisinske apparater|Miscellaneous medical devices and products
33195000|System for pasientovervåking|Patient-monitoring system
34000000|Transportutstyr og hjelpeprodukter|Transport equipment and auxiliary products to transportation
34100000|Motorkjøretøyer|Motor vehicles
34110000|Personbiler|Passenger cars
34120000|Kjøretøyer for ti eller flere personer|Motor vehicles for the transport of 10 or more persons
34121000|Busser|Buses and coaches
34140000|Tunge kjøretøyer|Heavy-duty motor vehicles
34144000|Spesialkjøretøyer|Special-purpose motor vehicles
34144200|Utrykningskjøretøyer|Vehicles for the emergency services
34144210|Brannbiler|Firefighting vehicles
39000000|Møbler, innredning og husholdningsprodukter|Furniture (incl. office furniture), furnishings, domestic appliances (excl. lighting) and cleaning products
39100000|Møbler|Furniture
39130000|Kontormøbler|Office furniture
39160000|Skolemøbler|School furniture
45000000|Bygge- og anleggsarbeid|Construction work
45100000|Klargjøring av byggeplass|Site preparation work
45110000|Riving og grunnarbeid|Building demolition and wrecking work and earthmoving work
45200000|Hele eller deler av byggearbeid|Works for complete or part construction and civil engineering work
45210000|Oppføring av bygninger|Building construction work
45214000|Bygg til undervisning og forskning|Construction work for buildings relating to education and research
45214200|Skolebygg|Construction work for school buildings
45215000|Bygg til helse- og sosialtjenester|Construction work for buildings relating to health and social services, for crematoriums and public conveniences
45230000|Rørledninger, veier og flyplasser|Construction work for pipelines, communication and power lines, for highways, roads, airfields and railways; flatwork
45231000|Rør- og kraftledninger|Construction work for pipelines, communication and power lines
45231300|Vann- og avløpsledninger|Construction work for water and sewage pipelines
45233000|Anlegg og dekker for veier|Construction, foundation and surface works for highways, roads
45233100|Bygging av veier|Construction work for highways, roads
45233140|Veiarbeid|Roadworks
45233141|Vedlikehold av veier|Road-maintenance works
45233200|Dekkearbeid|Various surface works
45233220|Veidekker|Surface work for roads
45250000|Anlegg, produksjon og industri|Construction works for plants, mining and manufacturing and for buildings relating to the oil and gas industry
45252000|Avløps- og renseanlegg|Construction works for sewage treatment plants, purification plants and refuse incineration plants
45252100|Renseanlegg for avløp|Sewage-treatment plant construction works
45300000|Installasjonsarbeid i bygninger|Building installation work
45310000|Elektrisk installasjon|Electrical installation work
45330000|Rørleggerarbeid|Plumbing and sanitary works
45331000|Varme, ventilasjon og klima|Heating, ventilation and air-conditioning installation work
45400000|Ferdigstilling av bygninger|Building completion work
45440000|Maler- og glassarbeid|Painting and glazing work
45442000|Overflatebehandling|Application work of protective coatings
45442100|Malerarbeid|Painting work
48000000|Programvare og informasjonssystemer|Software package and information systems
48100000|Bransjespesifikk programvare|Industry specific software package
48180000|Medisinsk programvare|Medical software package
48400000|Programvare for forretninger|Business transaction and personal business software package
48440000|Regnskapsprogramvare|Financial analysis and accounting software package
48450000|Programvare for tid og personal|Time accounting or human resources software package
48700000|Hjelpeprogramvare|Software package utilities
48730000|Sikkerhetsprogramvare|Security software package
48800000|Informasjonssystemer og servere|Information systems and servers
48810000|Informasjonssystemer|Information systems
48814000|Medisinske informasjonssystemer|Medical information systems
48814400|Kliniske informasjonssystemer|Clinical information system
50000000|Reparasjon og vedlikehold|Repair and maintenance services
50100000|Vedlikehold av kjøretøyer|Repair, maintenance and associated services of vehicles and related equipment
50110000|Vedlikehold av motorkjøretøyer|Repair and maintenance services of motor vehicles and associated equipment
50700000|Vedlikehold av tekniske anlegg i bygninger|Repair and maintenance services of building installations
50750000|Vedlikehold av heiser|Lift-maintenance services
55000000|Hotell, servering og detaljhandel|Hotel, restaurant and retail trade services
55500000|Kantine og catering|Canteen and catering services
55510000|Kantinetjenester|Canteen services
55520000|Catering|Catering services
55523000|Catering til andre virksomheter|Catering services for other enterprises or other institutions
55523100|Skolemåltider|School-meal services
60000000|Transporttjenester|Transport services (excl. Waste transport)
60100000|Veitransport|Road transport services
60110000|Offentlig veitransport|Public road transport services
60112000|Kollektivtransport på vei|Public road transport services
60120000|Drosje|Taxi services
60130000|Særskilt persontransport på vei|Special-purpose road passenger-transport services
60600000|Sjøtransport|Water transport services
60610000|Ferge|Ferry transport services
65000000|Forsyningstjenester|Public utilities
65300000|Strømforsyning|Electricity distribution and related services
65310000|Strømdistribusjon|Electricity distribution
71000000|Arkitekt-, bygge-, ingeniør- og kontrolltjenester|Architectural, construction, engineering and inspection services
71200000|Arkitekttjenester|Architectural and related services
71220000|Arkitektonisk utforming|Architectural design services
71240000|Arkitekt-, ingeniør- og planleggingstjenester|Architectural, engineering and planning services
71300000|Ingeniørtjenester|Engineering services
71310000|Rådgivende ingeniørtjenester|Consultative engineering and construction services
71311000|Rådgivning for anlegg|Civil engineering consultancy services
71320000|Teknisk prosjektering|Engineering design services
71322000|Prosjektering av anlegg|Engineering design services for the construction of civil engineering works
71500000|Byggerelaterte tjenester|Construction-related services
71530000|Byggrådgivning|Construction consultancy services
72000000|IT-tjenester: rådgivning, utvikling, internett og støtte|IT services: consulting, software development, Internet and support
72200000|Programmering og rådgivning|Software programming and consultancy services
72210000|Programmering av pakket programvare|Programming services of packaged software products
72212000|Programmering av applikasjoner|Programming services of application software
72220000|Systemrådgivning og teknisk rådgivning|Systems and technical consultancy services
72222000|Strategi og planlegging av informasjonssystemer|Information systems or technology strategic review and planning services
72222300|Informasjonsteknologitjenester|Information technology services
72230000|Utvikling av tilpasset programvare|Custom software development services
72240000|Systemanalyse og programmering|Systems analysis and programming services
72260000|Programvarerelaterte tjenester|Software-related services
72300000|Datatjenester|Data services
72310000|Databehandling|Data-processing services
72314000|Innsamling og sammenstilling av data|Data collection and collation services
72400000|Internettjenester|Internet services
72410000|Leverandørtjenester på internett|Provider services
72415000|Drift av nettsteder|World wide web (www) site operation host services
72500000|Datarelaterte tjenester|Computer-related services
72510000|Drift av datasystemer|Computer-related management services
72600000|Brukerstøtte og rådgivning|Computer support and consultancy services
72610000|Brukerstøtte|Computer support services
73000000|Forskning og utvikling|Research and development services and related consultancy services
73100000|Forskning og eksperimentell utvikling|Research and experimental development services
73110000|Forskningstjenester|Research services
79000000|Forretningstjenester: jus, markedsføring, rådgivning, rekruttering, trykking og sikkerhet|Business services: law, marketing, consulting, recruitment, printing and security
79100000|Juridiske tjenester|Legal services
79110000|Juridisk rådgivning og representasjon|Legal advisory and representation services
79200000|Regnskap, revisjon og skatt|Accounting, auditing and fiscal services
79210000|Regnskap og revisjon|Accounting and auditing services
79212000|Revisjon|Auditing services
79400000|Bedriftsrådgivning|Business and management consultancy and related services
79410000|Virksomhets- og lederrådgivning|Business and management consultancy services
79411000|Generell lederrådgivning|General management consultancy services
79420000|Lederrelaterte tjenester|Management-related services
79421000|Prosjektledelse utenom bygg|Project-management services other than for construction work
79600000|Rekruttering|Recruitment services
79620000|Utleie av personell, også vikarer|Supply services of personnel including temporary staff
79624000|Utleie av pleiepersonell|Supply services of nursing personnel
79625000|Utleie av medisinsk personell|Supply services of medical personnel
79700000|Etterforskning og sikkerhet|Investigation and security services
79710000|Sikkerhetstjenester|Security services
79713000|Vakttjenester|Guard services
80000000|Opplæring og utdanning|Education and training services
80500000|Opplæring|Training services
80510000|Fagopplæring|Specialist training services
80580000|Språkkurs|Provision of language courses
85000000|Helse- og sosialtjenester|Health and social work services
85100000|Helsetjenester|Health services
85110000|Sykehustjenester|Hospital and related services
85120000|Legetjenester|Medical practice and related services
85140000|Diverse helsetjenester|Miscellaneous health services
85141000|Tjenester fra medisinsk personell|Services provided by medical personnel
85300000|Sosialtjenester|Social work and related services
85310000|Sosialt arbeid|Social work services
85311000|Sosialt arbeid med botilbud|Social work services with accommodation
85311200|Velferdstjenester for personer med nedsatt funksjonsevne|Welfare services for the handicapped
90000000|Avløp, avfall, renhold og miljø|Sewage, refuse, cleaning and environmental services
90400000|Avløpstjenester|Sewage services
90500000|Avfallstjenester|Refuse and waste related services
90510000|Avfallsbehandling|Refuse disposal and treatment
90511000|Avfallsinnsamling|Refuse collection services
90600000|Renhold og sanitær i by og land|Cleaning and sanitation services in urban or rural areas, and related services
90610000|Gatefeiing|Street-cleaning and sweeping services
90620000|Snørydding|Snow-clearing services
90900000|Renhold og sanitær|Cleaning and sanitation services
90910000|Renhold|Cleaning services
90911000|Renhold av boliger, bygninger og vinduer|Accommodation, building and window cleaning services
90911200|Renhold av bygninger|Building-cleaning services
90911300|Vindusvask|Window-cleaning services
90919000|Renhold av kontor, skole og utstyr|Office, school and office equipment cleaning services
90919200|Renhold av kontorer|Office cleaning services
90919300|Renhold av skoler|School cleaning services";

pub(super) fn entries() -> Vec<CpvEntry> {
    ROWS.lines()
        .filter_map(|row| {
            let mut parts = row.splitn(3, '|');
            Some(CpvEntry {
                code: parts.next()?.to_owned(),
                name_nb: parts.next()?.to_owned(),
                name_en: parts.next()?.to_owned(),
            })
        })
        .collect()
}
