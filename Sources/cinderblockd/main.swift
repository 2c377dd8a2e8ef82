print("cinderblockd")
