System.Console.WriteLine("postern");
