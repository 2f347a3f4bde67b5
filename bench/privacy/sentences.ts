/** What prose is put together from: everyday sentences with a few places to fill. */
export const english: readonly string[] = [
  'The committee met on {weekday} to discuss whether the old library should be open at the weekend as well.',
  'Most of the people who answered the survey said that they would rather walk than wait for the next bus.',
  'In the end, {first} agreed that the draft was too long and that nobody would read it at all.',
  'If the water is too hot, the yeast dies; if it is too cold, the dough takes the whole night to rise.',
  'A good explanation starts with what the reader already knows and goes on from there, one step at a time.',
  'The museum in {city} has moved its collection of maps to the second floor, next to the reading room.',
  'There is no reason to believe that the results of the first experiment were wrong, but they were not repeated.',
  'The main argument of the paper is that small changes at the right time matter more than large ones that come late.',
  'Please write a short summary of the following text for readers who have never heard of the subject.',
  'When the train arrived at the station it was already dark, and the last tram had left {number} minutes before.',
  'She kept the letters in a wooden box under the stairs, together with a key that fitted none of the doors.',
  'The key question is not how fast the system answers but what it does when it cannot answer at all.',
  'We looked at {number} cases from the last {small} years and found the same pattern in nearly all of them.',
  'Prices rose by {small} percent in {month}, mostly because of energy, and fell again in the following quarter.',
  'It is often said that a language dies every two weeks; the truth is that nobody has counted them with care.',
  'He looked at the garden, at the wall behind it, and at the mountains, and said nothing for a long time.',
  'Could you compare the two proposals and tell me which of them is more likely to work for a small team?',
  'The recipe asks for {number} grams of flour, a pinch of salt, two eggs and as much milk as the dough will take.',
  'Version {small}.{small} of the standard describes how devices announce themselves and what they must not do.',
  'Nothing in the contract says that the tenant has to paint the walls, although many owners ask for it.',
  'A secret that is known to three people is no secret any more, as the proverb has it in {small} languages.',
  'The authors use the word “token” for a piece of a word, and count about {number} of them on a page.',
  'After the storm of {year}, the bridge was closed for {small} months and traffic went through the village.',
  'Children learn to count before they learn what numbers are, which is why the first lessons use apples and stones.',
  'On the other hand, the method needs no training data, is easy to explain, and fails in ways that one can see.',
  'The orchestra from {city} played two encores, the second of which hardly anybody in the hall had heard before.',
  'Users who log in at night see the same page as everybody else, but the numbers on it are those of the day before.',
  'What we call a desert is full of life: lizards, beetles, foxes, and plants that wait {small} years for rain.',
  'Rewrite the paragraph above in plain English, keep every number, and do not add anything that is not there.',
  'The speaker thanked the volunteers, mentioned the weather, and then spoke for an hour about the price of copper.',
  'Until {year} there were no street lamps on this side of the river, and people carried lanterns with them.',
  'A model that is right nine times out of ten is useful only if one can tell which of the ten answers is wrong.',
  'The first chapter is about authority, the second about trust, and the third about what happens without either.',
  'Before you begin, read the whole page once; most mistakes are made by people who start with the second step.',
  'Their daughter {first} wants to study biology in {city}, though her teachers think that she should do mathematics.',
  'The password to the meeting was always the same, and after a while even the cat seemed to know that it existed.',
]

export const german: readonly string[] = [
  'Der Ausschuss hat am {weekday} darüber beraten, ob die alte Bücherei auch am Wochenende öffnen soll.',
  'Die meisten Befragten sagten, dass sie lieber zu Fuß gehen, als auf den nächsten Bus zu warten.',
  'Am Ende war auch {first} der Meinung, dass der Entwurf zu lang sei und ihn niemand lesen werde.',
  'Ist das Wasser zu heiß, stirbt die Hefe; ist es zu kalt, braucht der Teig die ganze Nacht zum Gehen.',
  'Eine gute Erklärung beginnt bei dem, was der Leser schon weiß, und geht von dort Schritt für Schritt weiter.',
  'Das Museum in {city} hat seine Karten in den zweiten Stock gebracht, gleich neben den Lesesaal.',
  'Es gibt keinen Grund anzunehmen, dass das erste Ergebnis falsch war, aber wiederholt wurde der Versuch nie.',
  'Bitte schreibe eine kurze Zusammenfassung des folgenden Textes für Leser, die das Thema nicht kennen.',
  'Als der Zug endlich ankam, war es schon dunkel, und die letzte Straßenbahn war seit {number} Minuten weg.',
  'Sie bewahrte die Briefe in einer Holzkiste unter der Treppe auf, zusammen mit einem Schlüssel, der nirgends passte.',
  'Die entscheidende Frage ist nicht, wie schnell das System antwortet, sondern was es tut, wenn es nicht kann.',
  'Wir haben {number} Fälle aus den letzten {small} Jahren angesehen und fast überall dasselbe Muster gefunden.',
  'Die Preise stiegen im {month} um {small} Prozent, vor allem wegen der Energie, und fielen danach wieder.',
  'Für den Teig braucht man {number} Gramm Mehl, eine Prise Salz, zwei Eier und so viel Milch, wie er aufnimmt.',
  'Nach dem Sturm von {year} war die Brücke {small} Monate gesperrt, und der Verkehr ging durch das Dorf.',
  'Was wir Wüste nennen, ist voller Leben: Eidechsen, Käfer, Füchse und Pflanzen, die {small} Jahre auf Regen warten.',
  'Schreibe den Absatz in einfacher Sprache neu, behalte alle Zahlen und füge nichts hinzu, was nicht dasteht.',
  'Ein Modell, das in neun von zehn Fällen recht hat, nützt nur, wenn man weiß, welche Antwort die falsche ist.',
  'Bis {year} gab es auf dieser Seite des Flusses keine Laternen, und die Leute trugen Lampen mit sich.',
  'Das Passwort für die Sitzung war immer dasselbe, und nach einer Weile schien es sogar die Katze zu kennen.',
]

export const firstNames =
  'Alice Bruno Clara David Elena Farid Greta Hannes Irina Jonas Katrin Lukas Miriam Noah Olga Pavel Rosa Stefan Tanja'
    .concat(' Yusuf')
    .split(' ')
export const lastNames =
  'Brenner Albrecht Castellani Dvorak Eriksen Fontaine Grünwald Hartmann Ibrahim Jansen Kowalski Lindqvist Moreau Nowak'
    .concat(' Okafor Petersen Rossi Schreiber Tanaka Weissmann')
    .split(' ')
export const cities = 'Hamburg Lyon Utrecht Porto Bergen Leeds Graz Gdansk Bologna Zaragoza Aarhus Tampere'.split(' ')
export const streets = 'Lindenallee|Hafenstraße|Mill Road|Rue de la Paix|Kastanienweg|High Street|Via Garibaldi'.split(
  '|',
)
export const weekdays = 'Monday Tuesday Wednesday Thursday Friday'.split(' ')
export const months = 'January February March April May June July August September October November December'.split(' ')
