"""Given and family names, companies and phone blocks of the sample shop's four countries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    currency: str
    share: float
    """Of all customers."""
    languages: tuple[tuple[str, float], ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    areas: tuple[str, ...]
    """Dialling prefixes up to the last six digits (Brazil: five, after the ninth digit)."""
    stores: tuple[str, ...]
    company_words: tuple[str, ...]
    company_forms: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SPANISH_FAMILIES = _words(
    "García Hernández Martínez López González Rodríguez Pérez Sánchez Ramírez Flores Gómez Torres "
    "Díaz Reyes Morales Cruz Ortiz Gutiérrez Chávez Ramos Mendoza Ruiz Aguilar Vargas Castillo "
    "Jiménez Moreno Romero Herrera Medina Vega Soto Delgado Navarro Campos Guerrero Rojas Molina "
    "Serrano Iglesias Cabrera Fuentes"
)

SPAIN = Country(
    "ES",
    "EUR",
    0.22,
    (("es-ES", 0.88), ("ca-ES", 0.06), ("en-GB", 0.06)),
    _words(
        "Lucía Sofía Martina María Julia Paula Valeria Carmen Elena Marta Irene Laura Nerea Rocío "
        "Pilar Hugo Mateo Martín Pablo Alejandro Daniel Álvaro Adrián Javier Sergio Iker Marcos Rubén "
        "Gonzalo Ignacio"
    ),
    _SPANISH_FAMILIES,
    ("+34600", "+34611", "+34622", "+34633", "+34644", "+34655"),
    ("Madrid Centro", "Barcelona Eixample", "Valencia Puerto", "Sevilla Nervión"),
    ("Alameda", "Mirador", "Levante", "Sierra Norte", "Puente Real", "Costa Clara", "Ribera", "Olmo"),
    ("S.L.", "S.A.", "e Hijos S.L.", "Consultores S.L."),
)

MEXICO = Country(
    "MX",
    "MXN",
    0.30,
    (("es-MX", 0.96), ("en-US", 0.04)),
    _words(
        "Guadalupe Fernanda Ximena Regina Camila Valentina Renata Daniela Alejandra Mariana Gabriela "
        "Verónica Leticia Adriana Itzel José Luis Santiago Emiliano Diego Miguel Ángel Leonardo "
        "Rodrigo Eduardo Ricardo Arturo Raúl Héctor Óscar"
    ),
    _SPANISH_FAMILIES,
    ("+525555", "+523333", "+528181", "+522222", "+524422", "+526646"),
    ("CDMX Reforma", "Guadalajara Andares", "Monterrey Valle", "Puebla Angelópolis"),
    ("Anáhuac", "Del Bajío", "Quetzal", "Tres Ríos", "Jacaranda", "La Cima", "Norteña", "Maguey"),
    ("S.A. de C.V.", "S. de R.L.", "Servicios S.A. de C.V.", "Logística S.A. de C.V."),
)

BRAZIL = Country(
    "BR",
    "BRL",
    0.30,
    (("pt-BR", 0.98), ("es-ES", 0.02)),
    _words(
        "Ana Beatriz Juliana Camila Larissa Fernanda Mariana Patrícia Letícia Aline Bruna Amanda "
        "Vanessa Débora Helena João Pedro Lucas Gabriel Matheus Rafael Felipe Gustavo Thiago Bruno "
        "Leandro Marcelo Rodrigo Caio Vinícius"
    ),
    _words(
        "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro "
        "Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade "
        "Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos Teixeira Araújo Cavalcanti Pinto "
        "Monteiro Correia"
    ),
    ("+55119", "+55219", "+55319", "+55419", "+55519", "+55719"),
    ("São Paulo Paulista", "Rio Botafogo", "Belo Horizonte Savassi", "Curitiba Batel"),
    ("Ipê", "Serra Azul", "Boa Vista", "Porto Novo", "Jatobá", "Mantiqueira", "Aroeira", "Litoral"),
    ("Ltda", "S.A.", "Comércio Ltda", "Transportes Ltda"),
)

USA = Country(
    "US",
    "USD",
    0.18,
    (("en-US", 0.84), ("es-US", 0.16)),
    _words(
        "Emma Olivia Ava Sophia Mia Charlotte Amelia Harper Evelyn Abigail Grace Chloe Nora Hannah "
        "Zoe Liam Noah Oliver James Elijah William Henry Lucas Benjamin Theodore Jack Owen Samuel "
        "Isaac Caleb"
    ),
    _words(
        "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson "
        "Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott "
        "Hill Green Adams Baker Nelson Carter Mitchell Roberts Turner Phillips Campbell"
    ),
    ("+1305555", "+1512555", "+1646555", "+1415555", "+1312555", "+1206555"),
    ("Miami Brickell", "Austin Domain", "New York Chelsea", "San Francisco Mission"),
    ("Harbor", "Summit", "Bluebonnet", "Lakeside", "Ironwood", "Prairie", "Cedar Point", "Northgate"),
    ("LLC", "Inc.", "Partners LLC", "Supply Co."),
)

COUNTRIES = (BRAZIL, MEXICO, SPAIN, USA)
