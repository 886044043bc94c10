namespace Postern.Samples;

/// <summary>Word lists of the sample organization. Some names carry umlauts, as real ones do: their DNs are not plain ASCII.</summary>
internal static class SampleNames
{
    public static readonly string[] Given =
        ("Anna Ben Carla David Elena Felix Greta Hugo Ida Jonas Klara Liam Mara Noah Olga Paul Quinn Rosa Simon Tilda Udo Vera " +
         "Walter Xenia Yusuf Zoé Aaron Bianca Cedric Daria Emil Fiona Georg Hanna Ivan Julia Karim Lena Mats Nina Oskar Petra " +
         "Ralf Sara Tom Ulla Viktor Wanda Xaver Yara Amir Britta Jürgen Doris Erik Frida Gustav Helga Igor Jana").Split(' ');

    public static readonly string[] Family =
        ("Adler Bauer Conrad Diaz Ebert Fischer Garcia Hansen Ito Jansen Kowalski Larsen Meyer Novak Olsen Peters Quast Rossi " +
         "Schmidt Tanaka Ulrich Vogel Weber Xu Yilmaz Ziegler Albrecht Brandt Costa Dubois Engel Fuchs Graf Huber Iversen Jung " +
         "Keller Lopez Moreau Nagy Otto Pohl Reuter Silva Thomsen Unger Virtanen Wolf Young Zimmer Arnold Becker Müller Köhler").Split(' ');

    public static readonly string[] Departments =
        "Sales Finance Legal Research Support Logistics Production Purchasing Marketing IT HR Quality".Split(' ');

    public static readonly string[] Cities = "Berlin Hamburg Wien Zürich Oslo Lyon Turin Porto Gent Malmö".Split(' ');
}
