module rollcall/host

go 1.21
