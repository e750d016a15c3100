// Products for the fixture. The photos are those of npm's @vendure/create 1.9.7, which are not in this repository: PHOTOS names a
// folder that has them, and without it the fixture draws pictures.
const table = `
bonsai-tree|Bonsai Tree|Plants|19.99|12|mark-tegethoff-667351|Thirty years of patience in a pot that fits on a window sill. Likes a bright place, and water when its moss is dry.
aloe-vera|Aloe Vera|Plants|6.99|80|silvia-agrasar-227575|Forgives everything but too much water.
spiky-cactus|Spiky Cactus|Plants|15.50|31|charles-deluvio-695736|Comes with its clay pot. Asks for sun, and for nothing else.
tulip-pot|Tulip Pot|Plants|6.75|100|natalia-y-345738|Six bulbs that bloom in the second week of March, in a glazed pot.
hanging-plant|Hanging Plant|Plants|19.95|9|alex-rodriguez-santibanez-200278|Ivy in a rattan basket, on two metres of cotton rope.
orchid|Orchid|Plants|65.00|4|zoltan-kovacs-642412|A Phalaenopsis with three stems, which blooms for months.
leather-sofa|Leather Sofa|Furniture|1245.00|3|paul-weaver-1120584|Full-grain leather on a frame of beech. It gets better with each year that somebody sits on it.
grey-sofa|Grey Fabric Sofa|Furniture|295.00|7|nathan-fertig-249917|Seats three, or one who reads lying down. The covers can be washed.
wooden-stool|Wooden Stool|Furniture|14.00|44|ruslan-bardash-351288|For the workbench, the kitchen, and as a table beside the bed.
eaves-chair|Black Eaves Chair|Furniture|70.00|25|andres-jasso-220776|A moulded shell on legs of steel and oak.
light-shade|Light Shade|Furniture|28.45|60|pierre-chatel-innocenti-483198|Spun aluminium that throws its light where the table is.
cafe-chair|Modern Café Chair|Furniture|100.00|18|jean-philippe-delberghe-1400011|Stackable, also outdoors. Six colours, of which the yellow is the best.
instant-camera|Instant Camera|Photo|174.99|15|eniko-kis-663725|Pictures that you hold in your hand a minute later.
camera-lens|Camera Lens|Photo|104.00|20|brandi-redd-104140|50 mm, f/1.8. The first lens to buy, and often the last.
folding-camera|Vintage Folding Camera|Photo|5350.00|1|jonathan-talbert-697262|From 1934, with its bellows intact. For the shelf, or for one roll of film a year.
tripod|Tripod|Photo|14.98|35|zoltan-tasi-423051|Carbon, 900 grams, and it stands in wind.
twin-lens-camera|Twin Lens Camera|Photo|799.00|2|alexander-andrews-260988|Look down, turn the knob, wait for the light.
laptop|Laptop|Computers|1299.00|40|derick-david-409858|Thirteen inches, sixteen hours, one kilogram.
clacky-keyboard|Clacky Keyboard|Computers|74.89|55|juan-gomez-674574|Everybody will hear that you are working.
wireless-mouse|Wireless Optical Mouse|Computers|18.99|100|oscar-ivan-esquivel-arteaga-687447|Works on glass, on wood and on trains.
curvy-monitor|Curvy Monitor|Computers|143.74|0|alexandru-acea-686569|Thirty-four inches that curve around you.
road-bike|Road Bike|Equipment|2499.00|5|mikkel-bech-748940|Carbon frame, electronic gears, seven kilograms. It comes in a box, and you put in the front wheel.
boxing-gloves|Boxing Gloves|Equipment|33.04|70|neonbrand-428982|Twelve ounces, lined, with a strap that one closes with the teeth.
tent|Tent|Equipment|214.93|11|michael-guite-571169|For two and their bags. Stands in four minutes, in the rain in three.
skateboard|Cruiser Skateboard|Equipment|24.99|33|max-tarkhov-737999|Soft wheels for bad streets.
tennis-ball|Tennis Ball|Equipment|12.73|200|ben-hershey-574483|A tube of three. Dogs like them, too.
basketball|Basketball|Equipment|35.62|48|tommy-bebo-600358|Size 7, composite leather, for indoors and outdoors.
running-shoe|Freerun Running Shoe|Footwear|160.00|28|imani-clovis-234736|Light, and flat where your foot is.
hi-top-shoe|Hi-Top Basketball Shoe|Footwear|140.00|16|xavier-teo-469050|White leather to the ankle.
sneakers|Allstar Sneakers|Footwear|65.00|64|mitch-lensink-256007|As they were in 1917, with a better sole.
`;

export const products = table
  .trim()
  .split("\n")
  .map((line) => {
    const [productId = "", name = "", category = "", price = "", stock = "", photo = "", description = ""] =
      line.split("|");
    return {
      productId,
      version: 1,
      name,
      description,
      category,
      price: { amount: Math.round(Number(price) * 100), currency: "EUR" },
      stock: Number(stock),
      changedAt: "2026-11-01T09:00:00Z",
      photo: `${photo}-unsplash.jpg`,
    };
  });

/** The photographer, as the name of the file has it. */
export function photographer(file: string): string {
  const names = file.replace(/-\d+-unsplash\.jpg$/, "").split("-");
  return `Photo by ${names.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join(" ")} on Unsplash`;
}

export const opinions = [
  [
    5,
    "Exactly what I hoped for",
    "It came a day early and looks better than in the picture. I would buy it again at once.",
    "Mira",
  ],
  [
    4,
    "Good, with one wish",
    "Everything about it is solid. I wish that the instructions were in a larger print.",
    "Jonas W.",
  ],
  [5, "A present that was kept", "I bought it for my father, who gives everything back. He kept it.", "Aylin"],
  [3, "Fine", "It does what it says. No more, no less.", ""],
  [5, "", "Still as on the first day after a year of use.", "P. Novák"],
  [
    2,
    "Smaller than I thought",
    "Look at the measures before you order. What is there is well made, so two stars for my own fault.",
    "Ines",
  ],
  [4, "Recommended", "My neighbour asked where it is from within a week.", "Tomasz"],
] as const;
